import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Problem } from '../../domain/problem.ts';
import { asFiles, company } from '../support/company.ts';
import { boundOf } from './account.ts';
import { insistOn } from './insist.ts';
import { killAll } from './kills.ts';
import { setStage, type Stage } from './stage.ts';

/** Kills of each part; `npm run test:faults` asks for more than the whole suite does. */
const killsEach = Number(process.env['FAULT_KILLS'] ?? 1);
/** One takes a hundred actions at most. */
const problemCount = 2 + 2 * killsEach;
const lanes = 10;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage('127.0.0.1:9');
});
afterAll(() => stage?.stop());
const insist = insistOn(() => stage);

/** A command is answered as soon as it is written down; this is when it has been carried out. */
const ask = async (problem: number, what: string, body: object): Promise<void> => {
  const { command } = await insist('POST', `/v1/problems/${problem}/${what}`, body, crypto.randomUUID());
  await expect
    .poll(async () => (await insist('GET', `/v1/inbox/${String(command)}`))['state'], { timeout: 60_000 })
    .toBe('applied');
};

/** A problem whose cause is known, so that it takes actions. */
const investigated = async (index: number): Promise<number> => {
  const declared = { title: `Problem ${index}`, service: 'checkout' };
  const { accepted } = await insist('POST', '/v1/problems', declared, `problem-${index}`);
  const opened = async () =>
    ((await insist('GET', `/v1/inbox/${String(accepted)}`))['verdict'] as { records?: string[] } | null)?.records?.[0];
  await expect.poll(opened, { timeout: 60_000 }).toBeDefined();
  const number = Number((await opened())!.replace('problem/', ''));
  await ask(number, 'assess', { impact: 1, urgency: 1 });
  await ask(number, 'assign', { to: 'cid' });
  await ask(number, 'claim', { text: 'cause' });
  await ask(number, 'judge-claim', { claim: 1, status: 'supported', evidence: [{ text: 'seen' }], reason: 'seen' });
  return number;
};

const action = (text: string) => ({ text, owner: 'ben', strength: 'eliminate', dueOn: '2099-01-01' });

/** Says things of the problems in turn until it is over; what was accepted, by problem. */
const write = (problems: readonly number[]) => {
  const accepted = new Map(problems.map((problem) => [problem, { claims: ['cause'], actions: [] as string[] }]));
  let isOver = false;
  let next = 0;
  const writing = Array.from({ length: lanes }, async () => {
    while (!isOver) {
      const index = (next += 1);
      const problem = problems[index % problems.length]!;
      const text = `said ${index}`;
      const isAction = Math.floor(index / problems.length) % 4 === 3;
      const [what, body] = isAction ? ['add-action', { action: action(text) }] : ['claim', { text }];
      await insist('POST', `/v1/problems/${problem}/${what}`, body, `said-${index}`);
      accepted.get(problem)![isAction ? 'actions' : 'claims'].push(text);
      await sleep(250);
    }
  });
  return {
    async end() {
      isOver = true;
      await Promise.all(writing);
      return accepted;
    },
  };
};

const recordOf = async (problem: number): Promise<Problem> =>
  (await insist('GET', `/v1/problems/${problem}`))['record'] as Problem;

/** Kills the worker so long after it was seen to carry out something. */
const killAtWork = async (problems: readonly number[], afterMs: number): Promise<void> => {
  const revs = async () => (await Promise.all(problems.map(recordOf))).map(({ rev }) => rev).join();
  const before = await revs();
  await expect.poll(revs, { timeout: 120_000, interval: 200 }).not.toBe(before);
  await sleep(afterMs);
  for (let tries = 0; tries < 100 && !stage.kill('worker'); tries += 1) await sleep(100);
};

test('whatever is killed: no claim and no action that was accepted is lost, and none is there twice', async () => {
  await insist('POST', '/v1/catalogue', { files: asFiles(company({ target: 'http://127.0.0.1:9' })) });
  const problems = await Promise.all(Array.from({ length: problemCount }, (_, index) => investigated(index)));

  const writing = write(problems);
  for (let count = 0; count < killsEach; count += 1) await killAtWork(problems, (count * 389) % 1_000);
  const { kills } = await killAll(stage, killsEach);
  const accepted = await writing.end();

  let said = 0;
  for (const [problem, { claims, actions }] of accepted) {
    const texts = async () => {
      const record = await recordOf(problem);
      return [record.claims, record.actions].map((all) => all.map(({ text }) => text).toSorted());
    };
    await expect.poll(texts, { timeout: 120_000, interval: 300 }).toEqual([claims.toSorted(), actions.toSorted()]);
    const record = await recordOf(problem);
    expect(record.claims.map(({ number }) => number)).toEqual(claims.map((_, index) => index + 1));
    expect(record.actions.map(({ number }) => number)).toEqual(actions.map((_, index) => index + 1));
    said += claims.length + actions.length;
  }
  await expect
    .poll(() => insist('GET', '/v1/audit/verification'), { timeout: 30_000 })
    .toMatchObject({ ok: true, unsealed: 0 });
  console.log(
    `${kills + killsEach} kills while ${problems.length} problems were written to. Lost or doubled: ${boundOf(said)}`,
  );
});
