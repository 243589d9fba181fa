import { expect, test } from 'vitest';
import type { ImprovementSignal } from '../../domain/improvement-signal.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const signal: ImprovementSignal = {
  id,
  kind: 'detection',
  service: 'checkout',
  cluster: 'shop',
  targetStages: ['build', 'transition'],
  severity: 'medium',
  action: 'Measure what \u001B[31musers feel',
  why: 'people noticed 3 of 4 incidents first, which is more than monitoring did in the same time of the year before',
  evidence: ['incident/12', 'incident/14'],
  team: 'shop',
  status: 'open',
  raisedAt: '2026-11-02T06:00:00.000Z',
  seenAt: '2026-12-02T06:00:00.000Z',
  dueAt: '2026-11-16T06:00:00.000Z',
  answers: [],
  chased: 0,
};

test('signals are one table, in which what is due has a day and what is done has none', async () => {
  const items = [signal, { ...signal, id: 's2', service: undefined, status: 'done' }];
  const path = 'GET /v1/improvement-signals?limit=5&service=checkout&kind=detection&status=open';
  const api = await startFakeApi({ [path]: { body: { items } } });
  const filter = ['--limit', '5', '--service', 'checkout', '--kind', 'detection', '--status', 'open'];
  const { code, out } = await evenkeel(api.url, 'signal', 'list', ...filter);

  expect(code).toBe(0);
  expect(out).toMatch(
    new RegExp(`${id} +detection +checkout +build, transition +medium +open +2026-11-16 +people noticed .*…\n`),
  );
  expect(out).toMatch(/s2 +detection +build, transition +medium +done +people/);
});

test('no signal is said to be none', async () => {
  const api = await startFakeApi({ 'GET /v1/improvement-signals': { body: { items: [] } } });

  expect((await evenkeel(api.url, 'signal', 'list')).out).toBe('no signals\n');
});

test('a signal is shown with what it stands on and what was answered', async () => {
  const at = '2026-11-03T06:00:00.000Z';
  const answers = [
    { answer: 'accepted' as const, by: 'ana', at, reason: 'we will' },
    { answer: 'done' as const, by: 'ben', at, reason: 'probes \u001B[31madded', effect: 'all of 6 were found first' },
  ];
  const body = { ...signal, status: 'done', answers };
  const api = await startFakeApi({ [`GET /v1/improvement-signals/${id}`]: { body } });
  const { out } = await evenkeel(api.url, 'signal', 'show', id);

  expect(out.split('\n')[0]).toContain('detection: Measure what');
  for (const [name, text] of [
    ['stage', 'build, transition'],
    ['evidence', 'incident/12, incident/14'],
    ['held last', '2026-12-02 06:00:00Z'],
    ['accepted', 'ana, 2026-11-03 06:00:00Z'],
  ])
    expect(out).toMatch(new RegExp(`${name} +${text}`));
  expect(out).toContain('; measured: all of 6 were found first');
  expect(out).not.toContain('\u001B[31m');
});

test.each([
  [
    ['accepted', '--reason', 'we will', '--done-by', '2027-01-31'],
    { answer: 'accepted', reason: 'we will', doneBy: '2027-01-31' },
    'accepted; to be done by 2027-01-31\n',
  ],
  [['rejected', '--reason', 'not ours'], { answer: 'rejected', reason: 'not ours' }, 'rejected\n'],
  [
    ['done', '--reason', 'probes', '--effect', 'all found'],
    { answer: 'done', reason: 'probes', effect: 'all found' },
    'done\n',
  ],
])('it is answered with %j', async (args, body, said) => {
  const after = { ...signal, status: args[0], dueAt: '2027-01-31T23:59:59.999Z' };
  const api = await startFakeApi({ [`POST /v1/improvement-signals/${id}/answer`]: { body: after } });

  expect(await evenkeel(api.url, 'signal', 'answer', id, ...args)).toEqual({ code: 0, out: said, err: '' });
  expect(api.heard.map((heard) => heard.body)).toEqual([body]);
});

test.each([
  [['answer', id, 'accepted'], "required option '--reason <text>' not specified"],
  [['answer', id, '--reason', 'r'], "missing required argument 'answer'"],
  [['answer', '', 'done', '--reason', 'r'], '"" is neither a name nor an id'],
  [['show'], "missing required argument 'id'"],
  [['list', '--team', 'shop'], "unknown option '--team'"],
])('signal %j asks nothing', async (args, said) => {
  const api = await startFakeApi();
  const { code, err } = await evenkeel(api.url, 'signal', ...args);

  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  expect(api.heard).toEqual([]);
});

const fault = (field: string, message: string) => ({
  detail: `${field}: ${message}`,
  errors: [{ field, message }],
});

test.each([
  [422, fault('answer', 'expected accepted, rejected or done'), 1, 'answer: expected accepted, rejected or done'],
  [422, fault('doneBy', 'expected a day'), 2, '--done-by: expected a day'],
  [409, { detail: `signal ${id} is rejected` }, 6, `signal ${id} is rejected`],
  [403, { detail: 'people answer improvement signals' }, 4, 'people answer improvement signals'],
  [404, { detail: `there is no signal ${id}` }, 5, `there is no signal ${id}`],
])('an answer that is refused with %d ends with what the API says', async (status, body, code, said) => {
  const api = await startFakeApi({ [`POST /v1/improvement-signals/${id}/answer`]: { status, body } });

  expect(await evenkeel(api.url, 'signal', 'answer', id, 'maybe', '--reason', 'r', '--done-by', 'soon')).toEqual({
    code,
    out: '',
    err: `evenkeel: ${said}\n`,
  });
});
