import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const claim = { confidence: 'low', evidence: [], by: 'cid', at: '2026-03-02T16:00:00.000Z' };
const problem = {
  number: 3,
  title: 'The pool \u001B[31mruns dry',
  status: 'verifying',
  priority: 2,
  team: 'shop',
  service: 'checkout',
  environment: null,
  owner: 'cid',
  openedAt: '2026-03-02T16:00:00.000Z',
  closedAt: null,
  use: { offered: 4, applied: 3, restored: 2 },
  incidents: [{ number: 12, title: 'Too many errors', status: 'closed' }],
  record: {
    status: 'verifying',
    openedBy: { type: 'person', name: 'dan' },
    identification: 'recurrence',
    impact: 1,
    urgency: 2,
    priority: 2,
    owner: 'cid',
    claims: [
      { ...claim, number: 1, kind: 'why', text: 'Connections are not returned', status: 'open' },
      { ...claim, number: 2, kind: 'is', text: 'only calls over 30 s', status: 'supported' },
      {
        ...claim,
        number: 3,
        kind: 'why',
        text: 'A timeout skips the release',
        explains: 1,
        status: 'supported',
        evidence: [{ text: 'a trace', by: 'cid', at: '2026-03-02T16:00:00.000Z' }],
      },
    ],
    actions: [
      {
        number: 1,
        text: 'Release in finally',
        owner: 'ben',
        dueOn: '2026-04-01',
        kind: 'prevent',
        strength: 'eliminate',
        status: 'done',
        note: 'released',
      },
    ],
    verification: { since: '2026-03-20T00:00:00.000Z', until: '2026-08-02T00:00:00.000Z' },
  },
};

test('a problem is shown with its tree of causes, its actions and when it is judged', async () => {
  const api = await startFakeApi({ 'GET /v1/problems/3': { body: problem } });
  const { out } = await evenkeel(api.url, 'problem', 'show', '3');

  expect(out).not.toContain('\u001B');
  expect(out).toMatch(/priority +2 \(impact 1, urgency 2\)/);
  expect(out).toContain('  1 why, open, low confidence: Connections are not returned\n    3 why, supported');
  expect(out).toContain('A timeout skips the release [a trace]');
  expect(out).toContain('1 done: Release in finally (ben, due 2026-04-01, prevent, eliminate): released');
  expect(out).toMatch(/used +offered to 4 incidents; it restored 2 of 3 times/);
  expect(out).toMatch(/verification +since 2026-03-20 00:00:00Z .*, judged next 2026-08-02 00:00:00Z/);
});

test('the timeline of a problem has one sentence for each event, in the order of time', async () => {
  const entry = (minute: number, action: string, detail: object, reason?: string) => ({
    at: `2026-03-02T16:0${minute}:00.000Z`,
    actor: { type: 'person', name: 'dan' },
    action,
    subject: 'problem/3',
    detail,
    ...(reason === undefined ? {} : { reason }),
  });
  const items = [
    entry(2, 'problem.linked', { incident: 12, isSameCause: true }, 'seen \u001b[31magain'),
    entry(1, 'problem.accepted', { title: 'The pool runs dry', because: '3 similar incidents within 30d' }),
    entry(3, 'command.accepted', {}),
    entry(4, 'problem.action-added', { action: { text: 'Release', owner: 'ben' } }),
    entry(5, 'problem.broke-off', {}),
  ];
  const api = await startFakeApi({ 'GET /v1/problems/3/audit': { body: { items } } });
  const { out } = await evenkeel(api.url, 'problem', 'timeline', '3');
  const lines = out.split('\n').filter((line) => line.includes('dan'));
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain('opened it: The pool runs dry (3 similar incidents within 30d)');
  expect(lines[1]).toContain('linked incident 12, which has the same cause');
  expect(lines[2]).toContain('planned: Release (ben)');
  expect(lines[3]).toContain('problem: broke off');
  expect(out).not.toContain('\u001b[31m');
});

const file = join(mkdtempSync(join(tmpdir(), 'problem-')), 'pool.yaml');
writeFileSync(file, 'signature: { titles: [Pool *] }\nsymptom: x\ncause: y\nworkaround: z\n');
const reason = ['--reason', 'because'];

test.each([
  ['assess', ['1', '2'], 'assess', { impact: 1, urgency: 2 }],
  ['assign', ['cid'], 'assign', { to: 'cid' }],
  ['link', ['12', '--same-cause'], 'link', { incident: 12, isSameCause: true }],
  ['unlink', ['12', ...reason], 'unlink', { incident: 12, reason: 'because' }],
  [
    'claim',
    ['It leaks', '--explains', '1', '--evidence', 'a trace', 'a log'],
    'claim',
    { text: 'It leaks', explains: 1, evidence: [{ text: 'a trace' }, { text: 'a log' }] },
  ],
  ['judge-claim', ['1', 'refuted', ...reason], 'judge-claim', { claim: 1, status: 'refuted', reason: 'because' }],
  [
    'known-error',
    [file],
    'publish-known-error',
    { document: { signature: { titles: ['Pool *'] }, symptom: 'x', cause: 'y', workaround: 'z' } },
  ],
  [
    'action',
    ['Release', '--owner', 'ben', '--due-on', '2027-01-15', '--strength', 'eliminate'],
    'add-action',
    { action: { text: 'Release', owner: 'ben', dueOn: '2027-01-15', strength: 'eliminate' } },
  ],
  ['start-action', ['1', '--plan', 'p'], 'start-action', { action: 1, plan: 'p' }],
  ['complete-action', ['1', '--note', 'done'], 'complete-action', { action: 1, note: 'done' }],
  ['drop-action', ['1', ...reason], 'drop-action', { action: 1, reason: 'because' }],
  [
    'accept-risk',
    ['--until', '2027-03-01T00:00:00Z', ...reason],
    'accept-risk',
    { until: '2027-03-01T00:00:00Z', reason: 'because' },
  ],
  [
    'close',
    ['duplicate', '--duplicate-of', '2', ...reason],
    'close',
    { resolution: 'duplicate', duplicateOf: 2, reason: 'because' },
  ],
  ['note', ['seen again'], 'note', { text: 'seen again' }],
])('problem %s asks for what it says', async (verb, args, ask, body) => {
  const api = await startFakeApi({ [`POST /v1/problems/3/${ask}`]: { body: { command: 'c', state: 'applied' } } });

  const { code } = await evenkeel(api.url, 'problem', verb, '3', ...args);

  expect([code, api.heard.at(-1)?.body]).toEqual([0, body]);
});

test('a known error is not read from a file that there is not', async () => {
  const api = await startFakeApi({});
  const { code, err } = await evenkeel(api.url, 'problem', 'known-error', '3', 'nowhere.yaml');

  expect([code, err]).toEqual([2, expect.stringContaining('nowhere.yaml cannot be read')]);
});

test('a problem is opened about incidents, and says its number', async () => {
  const api = await startFakeApi({
    'POST /v1/problems': { status: 202, body: { accepted: 'a', state: 'delivered', problem: 3 } },
  });
  const { out } = await evenkeel(
    api.url,
    'problem',
    'open',
    'It leaks',
    '--service',
    'checkout',
    '--incidents',
    '12',
    '15',
  );

  expect(out).toBe('problem 3: evenkeel problem show 3\n');
  expect(api.heard.at(-1)?.body).toEqual({ title: 'It leaks', service: 'checkout', incidents: [12, 15] });
});
