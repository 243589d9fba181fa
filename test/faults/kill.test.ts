import { afterAll, beforeAll, expect, test } from 'vitest';
import { act, asFiles, company } from '../support/company.ts';
import { startTarget, type Target } from '../support/target.ts';
import { insistOn } from './insist.ts';
import { killAll } from './kills.ts';
import { setStage, type Stage } from './stage.ts';

/** Kills of each part; `npm run test:faults` asks for more than the whole suite does. */
const killsEach = Number(process.env['FAULT_KILLS'] ?? 1);
const planCount = 20;

let stage: Stage;
let target: Target;
beforeAll(async () => {
  target = await startTarget();
  stage = await setStage(target.address);
});
afterAll(async () => {
  await stage?.stop();
  await target?.stop();
});

const insist = insistOn(() => stage);

const isBad = (index: number): boolean => index % 4 === 3;
const artifactOf = (index: number): string => `${isBad(index) ? 'bad' : 'good'}-${index}`;

test('whatever is killed: every accepted deployment ends as it should, and no effect is another', async () => {
  const ship = (name: string) =>
    act(name, {
      url: `{{environment.url}}/${name}/{{artifact}}`,
      retry: { attempts: 3, every: '1s' },
      undo: { kind: 'http', method: 'DELETE', url: `{{environment.url}}/${name}/{{artifact}}` },
    });
  const steps = [
    ship('build'),
    { name: 'settle', kind: 'wait' as const, for: '3s' },
    ship('ship'),
    { name: 'bake', kind: 'wait' as const, for: '3s' },
    ship('confirm'),
  ];
  await insist('POST', '/v1/catalogue', { files: asFiles(company({ target: target.url, steps })) });
  for (let index = 0; index < planCount; index += 1)
    if (isBad(index)) target.answer(`POST /confirm/${artifactOf(index)}`, 500);

  const sending = (async () => {
    const ids: string[] = [];
    for (let index = 0; index < planCount; index += 1) {
      const { accepted } = await insist(
        'POST',
        '/v1/deployments',
        { service: 'checkout', environment: 'production', artifact: artifactOf(index) },
        `deployment-${index}`,
      );
      ids.push(String(accepted));
      await new Promise((done) => setTimeout(done, 100));
    }
    return ids;
  })();
  const { kills } = await killAll(stage, killsEach);
  const accepted = await sending;

  const ends: string[] = [];
  for (const [index, id] of accepted.entries()) {
    let plan: string | undefined;
    await expect
      .poll(
        async () =>
          (plan = (
            (await insist('GET', `/v1/inbox/${id}`))['verdict'] as { records?: string[] } | null
          )?.records?.[0]?.replace('plan/', '')),
        { timeout: 120_000, interval: 200 },
      )
      .toBeDefined();
    await expect
      .poll(async () => (await insist('GET', `/v1/operation-plans/${plan}`))['status'], {
        timeout: 240_000,
        interval: 300,
      })
      .toMatch(/completed|undone/);
    ends.push(String((await insist('GET', `/v1/operation-plans/${plan}`))['status']));
    expect([index, ends[index]]).toEqual([index, isBad(index) ? 'undone' : 'completed']);
  }
  expect(new Set(accepted).size).toBe(planCount);

  // Each plan has three effects under three keys; those of a bad one are taken back under three more.
  const undone = accepted.filter((_, index) => isBad(index)).length;
  const keys = target.keys();
  expect(keys.size).toBe(planCount * 3 + undone * 3);
  const repeats = [...keys.values()].reduce((sum, times) => sum + times - 1, 0);

  await expect
    .poll(async () => insist('GET', '/v1/audit/verification'), { timeout: 30_000 })
    .toMatchObject({ ok: true, unsealed: 0 });
  console.log(
    `${kills} kills, 0 lost, 0 wrong ends of ${planCount}; one-sided 95 % bound ${((3 / kills) * 100).toFixed(1)} % a kill; ${keys.size} effect keys, ${repeats} repeats under a known key`,
  );
});
