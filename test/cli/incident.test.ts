import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const record = {
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

  expect(api.heard.map(({ path, body }) => [path, body])).toEqual([
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
  };
  const api = await startFakeApi({ 'GET /v1/alerts?state=flapping': { body: { items: [alert], next: null } } });

  const { out } = await evenkeel(api.url, 'alert', 'list', '--state', 'flapping');

  expect(out).toMatch(/error +flapping +web +It turns +12\n/);
});
