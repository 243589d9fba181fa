import { ProblemAsk } from '../../domain/problem/ask.ts';
import { problemUpdates } from '../../workflows/problem.messages.ts';
import type { Got, Sent } from '../support/client.ts';

type Call = (id: string, sent?: Sent) => Promise<Got>;

/** Every operation about problems: answers and refusals alike are as published. */
export async function callProblems(as: (person: string) => Call): Promise<void> {
  const dan = as('dan');
  const opened = await dan('openProblem', {
    body: { title: 'The pool runs dry', service: 'checkout' },
    params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
  });
  const path = { id: String(opened.body['problem']) };
  await dan('listProblems', { params: { query: { open: true, service: 'checkout' } } });
  for (let record = null; record === null;)
    record = (await dan('showProblem', { params: { path } })).body['record'] as null;
  const fields: Record<string, unknown> = {
    impact: 1,
    urgency: 1,
    to: 'cid',
    incident: 1,
    text: 'Connections are not returned',
    claim: 1,
    status: 'supported',
    reason: 'the story wants it',
    document: { signature: { services: ['checkout'] }, symptom: 'x', cause: 'y', workaround: 'z' },
    until: new Date(Date.now() + 86_400_000).toISOString(),
    note: 'done',
    resolution: 'cannot-reproduce',
  };
  const action = { text: 'Release', owner: 'ben', strength: 'eliminate', dueOn: '2040-01-01' };
  for (const { shape } of ProblemAsk.options) {
    const type = shape.type.value;
    const needed = Object.entries(shape).flatMap(([name, schema]) =>
      name === 'type' || schema.safeParse(undefined).success ? [] : [[name, fields[name] ?? 1]],
    );
    const body = type === 'add-action' ? { action } : Object.fromEntries(needed);
    await as(type === 'accept-risk' ? 'ana' : 'dan')(problemUpdates[type], { params: { path }, body });
  }
  await as('aud')('showProblemAudit', { params: { path } });
  await as('aud')('exportProblem', { params: { path } });
}
