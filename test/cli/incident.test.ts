import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const record = {
  kind: 'real',
  detectedBy: { by: 'person', name: 'dan' },
  detectedAt: '2026-03-02T15:50:00.000Z',
  alerts: { news: 3, total: 3, firing: 2, flapping: 1 },
  open: [{ from: '2026-03-02T16:00:00.000Z' }],
  escalation: { paged: ['ana'], status: 'stopped' },
  roles: {},
  suggested: [],
  runbooks: [],
  updates: {},
};
const incident = {
  number: 12,
  title: 'Too many errors',
  status: 'investigating',
  severity: 'SEV-3',
  team: 'shop',
  service: 'checkout',
  environment: 'production',
  assignee: 'ana',
  openedAt: '2026-03-02T16:00:00.000Z',
  closedAt: null,
  record,
  ratings: [],
  suspects: [],
  origins: ['checkout'],
  flapping: ['Too many errors', 'Queue \u001b[31mgrows'],
  clocks: [
    {
      of: 'own',
      state: 'met',
      target: 1_800_000,
      atRiskAt: '2026-03-02T16:22:30.000Z',
      dueAt: '2026-03-02T16:30:00.000Z',
    },
    {
      of: 'resolve',
      state: 'at-risk',
      target: 28_800_000,
      atRiskAt: '2026-03-04T10:00:00.000Z',
      dueAt: '2026-03-04T12:00:00.000Z',
    },
  ],
  problems: [],
  knownErrors: [],
  similar: [],
  links: {
    parent: { number: 5, title: 'The network is down', status: 'mitigating' },
    children: [],
    splitFrom: null,
    splitInto: [{ number: 13, title: 'Search is slow', status: 'triaged' }],
  },
};

test('an incident is shown with its clocks, what flaps and what it belongs together with', async () => {
  const api = await startFakeApi({ 'GET /v1/incidents/12': { body: incident } });

  const { out } = await evenkeel(api.url, 'incident', 'show', '12');

  expect(out).toMatch(/alerts +2 of 3 fire\n/);
  expect(out).toMatch(/flapping +Too many errors, Queue  ?\[31mgrows\n/);
  expect(out).toMatch(/time to own +met, of 30m\n/);
  expect(out).toMatch(/time to resolve +at-risk, of 8h, due 2026-03-04 12:00:00Z \(/);
  expect(out).toMatch(/parent +incident 5, mitigating: The network is down\n/);
  expect(out).toMatch(/split into +incident 13, triaged: Search is slow\n/);
  expect(out).not.toContain('children');
});

test('alerts are split off, and incidents are linked, as they are named', async () => {
  const api = await startFakeApi();
  const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];
  const options = ['--title', 'Search is slow', '--reason', 'another cause'];

  await evenkeel(api.url, 'incident', 'split', '12', '--alerts', a, b, ...options);
  await evenkeel(api.url, 'incident', 'link', '13', '--parent', '12');
  await evenkeel(api.url, 'incident', 'unlink', '13', '--reason', 'it is not');

  const asked = api.heard.filter(({ method }) => method === 'POST');
  expect(asked.map(({ path, body }) => [path, body])).toEqual([
    ['/v1/incidents/12/split', { alerts: [a, b], title: 'Search is slow', reason: 'another cause' }],
    ['/v1/incidents/13/link', { parent: 12 }],
    ['/v1/incidents/13/unlink', { reason: 'it is not' }],
  ]);
});

test('an alert that flaps is listed as such, whichever way it has turned', async () => {
  const alert = {
    fingerprint: 'f'.repeat(32),
    severity: 'error',
    isFiring: false,
    isFlapping: true,
    service: 'web',
    title: 'It turns',
    incident: 12,
    heldBy: null,
    firingSince: null,
    gap: null,
    count: 7,
    shelvedUntil: null,
  };
  const api = await startFakeApi({ 'GET /v1/alerts?state=flapping': { body: { items: [alert], next: null } } });

  const { out } = await evenkeel(api.url, 'alert', 'list', '--state', 'flapping');

  expect(out).toMatch(/error +flapping +web +It turns +7 +12\n/);
});

test('an alert on the shelf is listed as such, and a long title is cut', async () => {
  const shelved = {
    fingerprint: 'f'.repeat(32),
    severity: 'error',
    isFiring: true,
    isFlapping: false,
    service: 'web',
    title: `It fails ${'again and '.repeat(20)}again`,
    incident: null,
    heldBy: null,
    firingSince: null,
    gap: null,
    count: 3,
    shelvedUntil: '2036-03-02T16:00:00.000Z',
  };
  const back = { ...shelved, shelvedUntil: '2026-03-02T16:00:00.000Z' };
  const api = await startFakeApi({ 'GET /v1/alerts?state=shelved': { body: { items: [shelved, back], next: null } } });

  const { out } = await evenkeel(api.url, 'alert', 'list', '--state', 'shelved');

  expect(out).toMatch(/It fails again and [^\n]{30,50}… +3 +shelved until 2036-03-02 16:00:00Z \(in /);
  expect(out.match(/shelved until/g)).toHaveLength(1);
  expect(out).not.toContain(shelved.title);
});

const shownAs = async (changed: object, more: object): Promise<string> => {
  const body = { ...incident, ...changed, record: { ...record, ...more } };
  const api = await startFakeApi({ 'GET /v1/incidents/12': { body } });
  return (await evenkeel(api.url, 'incident', 'show', '12')).out;
};

test('an incident says what it is, who noticed it, and what it weighs', async () => {
  const out = await shownAs({}, { kind: 'drill', priority: 2, impact: 1, urgency: 2 });

  expect(out).toMatch(/^DRILL Incident 12: Too many errors\n/);
  expect(out).toMatch(/noticed +declared by dan, 2026-03-02 15:50:00Z \(/);
  expect(out).toMatch(/severity +SEV-3, priority 2, impact 1, urgency 2\n/);
  expect(out).toMatch(/felt +2026-03-02 16:00:00Z \(.* ago\) to now\n/);
});

test.each([
  [{ code: 'duplicate', of: 9, reason: 'same cause' }, /cancelled +merged into incident 9: same cause\n/],
  [{ code: 'false-positive', reason: 'a test' }, /cancelled +false-positive: a test\n/],
])('an incident that was cancelled says why', async (cancellation, said) => {
  expect(await shownAs({ status: 'cancelled' }, { status: 'cancelled', cancellation })).toMatch(said);
});

test('a runbook that asks names its approval, and the command that shows it comes first', async () => {
  const runbooks = [{ number: 1, runbook: 'restart', status: 'asking', approval: 'incident.12.approval.1' }];
  const out = await shownAs({}, { runbooks });

  expect(out).toMatch(/runbooks +restart asking \(approval incident\.12\.approval\.1\)\n/);
  expect(out).toMatch(/next\n +evenkeel approval show incident\.12\.approval\.1\n/);
});

const action = { text: 'Test the backup', owner: 'ben', dueOn: '2026-04-01', kind: 'prevent', priority: 'P1' };
const document = { actions: [{ ...action, doneAt: '2026-03-20T09:00:00.000Z' }, action] };
const review = { because: 'SEV-1 is always reviewed', dueAt: '2026-03-09T16:00:00.000Z', document, authors: ['ana'] };

test('a review says who wrote and signed it, and its actions have the numbers that complete-action takes', async () => {
  const signed = { ...review, status: 'reviewed', signedBy: 'cid', signedAt: '2026-03-10T09:00:00.000Z' };
  const out = await shownAs({ status: 'closed' }, { status: 'closed', review: signed });

  expect(out).toMatch(/written by +ana\n/);
  expect(out).toMatch(/signed by +cid, 2026-03-10 09:00:00Z \(/);
  expect(out).toMatch(/actions\n +1 +done 2026-03-20 09:00:00Z \(.*\) +ben +Test the backup\n/);
  expect(out).toMatch(/ +2 +due 2026-04-01 +ben +Test the backup\n/);
  expect(out).toContain('evenkeel incident complete-action 12 2 --note');
});

test.each([
  ['resolved', undefined, 'request-review 12'],
  ['resolved', undefined, 'rate 12'],
  ['review', { ...review, status: 'draft' }, 'review 12'],
  ['review', { ...review, status: 'in-review' }, 'sign-review 12'],
])('what is %s offers the command that comes next', async (status, written, command) => {
  const out = await shownAs({ status }, { status, ...(written && { review: written }) });

  expect(out).toContain(`  evenkeel incident ${command}`);
});

test('while it is snoozed, nobody is said to be paged before the end of that', async () => {
  const escalation = { paged: ['ana'], status: 'running', nextAt: '2036-03-02T16:05:00.000Z' };
  const out = await shownAs({}, { escalation, snoozedUntil: '2036-03-02T18:00:00.000Z' });

  expect(out).toMatch(/paged +ana; next 2036-03-02 18:00:00Z \(/);
  expect(out).not.toContain('16:05');
});

test.each([
  [[{ command: 'c1', into: 13 }], 'Alerts of incident 12 are incident 13 now: evenkeel incident show 13\n'],
  [[{ command: 'c1' }], 'which it names in a moment: evenkeel incident show 12\n'],
])('a split says which incident it became, as soon as that is known', async (splits, said) => {
  const api = await startFakeApi({ 'GET /v1/incidents/12': { body: { ...incident, record: { ...record, splits } } } });
  const options = ['--alerts', 'a'.repeat(32), '--title', 'Search is slow', '--reason', 'another cause'];

  const { out } = await evenkeel(api.url, 'incident', 'split', '12', ...options);

  expect(out).toContain(said);
});

test('a review that is taken from a file needs that file', async () => {
  const api = await startFakeApi();

  const { code, err } = await evenkeel(api.url, 'incident', 'review', '12', '--file', '/nowhere/review.md');

  expect([code, err, api.heard]).toEqual([2, 'evenkeel: there is no file /nowhere/review.md\n', []]);
});
