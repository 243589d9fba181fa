import { setTimeout as sleep } from 'node:timers/promises';
import type { Declared } from '../../api/routes/incident/declare.ts';
import type { ShownIncident } from '../../api/routes/incident/reads.ts';
import type { ShownProblem } from '../../api/routes/problem/reads.ts';
import { route } from '../api.ts';
import type { ShownPlan } from '../plan-view.ts';
import { breakDown, restore, type Stage } from './incident.ts';
import type { MailSink } from './mail.ts';

const pollMs = 100;
const withinMs = 40_000;
const title = 'Nobody can pay';

/** The same has happened twice before Evenkeel came: somebody writes it down. */
export const backfillEarlier = async ({ people, say, signal }: Stage): Promise<void> => {
  const ana = people.get('ana')!;
  const past = { title, service: 'checkout', environment: 'production', severity: 'SEV-3', kind: 'backfilled' };
  for (let count = 0; count < 2; count += 1) {
    const { incident } = await ana.command<Declared>('/v1/incidents', past);
    const path = route`/v1/incidents/${String(incident)}`;
    await found(async () => (await ana.get<ShownIncident>(path)).record ?? undefined, signal);
    await ana.command(`${path}/resolve`, { solution: 'Restarted by hand' });
  }
  say('ana writes down two earlier incidents of the same kind, which page nobody');
};

interface Surroundings {
  mail: Pick<MailSink, 'says'>;
  /** Brings the fix to live; its operation plan. */
  deployFix(): Promise<ShownPlan>;
}

/** What keeps happening becomes a problem; what is known of it helps the next time; its fix is brought to live and watched. */
export const playProblem = async (stage: Stage, { mail, deployFix }: Surroundings): Promise<ShownProblem> => {
  const { admin, people, say, signal } = stage;
  const problem = await followed(stage);
  const { number } = await problem.until(({ record }) => record?.identification === 'recurrence');
  const ask = (name: string, what: string, body: object): Promise<unknown> =>
    people.get(name)!.command(route`/v1/problems/${String(number)}/${what}`, body);
  say(`problem ${number} has opened by itself, by recurrence: ${(await problem.shown()).title}`);

  await ask('ana', 'assess', { impact: 1, urgency: 2 });
  await ask('ana', 'assign', { to: 'cid' });
  await ask('cid', 'claim', { text: 'Its connections have no limit and run out' });
  const evidence = [{ text: 'The pool was full in each of these incidents' }];
  await ask('cid', 'judge-claim', { claim: 1, status: 'supported', evidence, reason: 'seen each time' });
  const signature = { titles: [title], services: ['checkout'] };
  const cause = 'Its connections run out';
  const document = { signature, symptom: 'Health is 503', cause, runbook: 'restart-service' };
  await ask('cid', 'publish-known-error', { document });
  say('cid publishes the known error: its cause, and the runbook that helps meanwhile');

  const { incident } = await breakDown(stage);
  await arrives(() => mail.says(`known error of problem ${number}`), signal);
  say(`the page names the known error of problem ${number} and what helps`);
  await incident.ask('cid', 'acknowledge');
  await restore(stage, incident, `known error of problem ${number}`);
  await incident.ask('cid', 'resolve', { code: 'workaround', solution: 'Restarted, as the known error says' });

  const dueOn = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
  const action = { text: 'Limit the connections', owner: 'cid', strength: 'eliminate', dueOn };
  await ask('cid', 'add-action', { action });
  const { id: plan } = await deployFix();
  await ask('cid', 'start-action', { action: 1, plan });
  await ask('cid', 'complete-action', { action: 1, note: 'The pool has a limit' });
  const verifying = await problem.until(({ record }) => record?.verification?.until !== undefined);
  say(
    `the fix is live by plan ${plan}; whether it helped is judged on ${verifying.record!.verification!.until!.slice(0, 10)}`,
  );
  return admin.get<ShownProblem>(problem.path);
};

/** The problem of checkout, as soon as there is one. */
const followed = async ({ admin, signal }: Stage) => {
  const path = await found(async () => {
    const { items } = await admin.get<{ items: ShownProblem[] }>('/v1/problems', { service: 'checkout' });
    return items[0] && route`/v1/problems/${String(items[0].number)}`;
  }, signal);
  const shown = (): Promise<ShownProblem> => admin.get<ShownProblem>(path);
  const until = (fits: (problem: ShownProblem) => boolean): Promise<ShownProblem> =>
    found(async () => {
      const problem = await shown();
      return fits(problem) ? problem : undefined;
    }, signal);
  return { path, shown, until };
};

const arrives = (isThere: () => boolean, signal: AbortSignal): Promise<true> =>
  found(async () => (isThere() ? true : undefined), signal);

const found = async <Value>(look: () => Promise<Value | undefined>, signal: AbortSignal): Promise<Value> => {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(pollMs, undefined, { signal })) {
    const value = await look();
    if (value !== undefined) return value;
  }
  throw new Error(`the problem did not go on within ${withinMs / 1_000} s`);
};
