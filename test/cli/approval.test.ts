import { idOf } from '../../domain/identifiers.ts';
import { expect, test } from 'vitest';
import { specs } from '../../domain/document.ts';
import { approval, content, item, review } from '../support/builders.ts';
import { aPlan, planId } from './a-plan.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const steps = specs.Runbook.parse({
  steps: [
    { name: 'shift', kind: 'http', url: 'http://a', undo: { kind: 'http', url: 'http://a' } },
    { name: 'tell', kind: 'http', url: 'http://a' },
    { name: 'settle', kind: 'wait', for: '1s' },
  ],
}).steps;
const planned = {
  origin: 'template' as const,
  after: [],
  durationMs: 1,
  undoMs: 0,
  people: [],
  environment: 'none' as const,
};

const shown = async (asked: object): Promise<string> => {
  const { id, belongsTo } = approval();
  const about = content(idOf(belongsTo), {
    activities: [
      { ...planned, name: 'release', runbook: { name: 'promote', steps } },
      { ...planned, name: 'warm-up', runbook: { name: 'warm', steps: [steps[1]!] } },
      { ...planned, name: 'wait', runbook: { name: 'settle', steps: [steps[2]!] } },
      { ...planned, name: 'whole', runbook: { name: 'do', steps }, undo: { name: 'back', steps: [steps[1]!] } },
    ],
  });
  const looked = review({
    items: [
      item('OBS-1'),
      item('OBS-2', { result: 'fail', severity: 'major', finding: { result: 'fail', detail: 'status 503', at: '' } }),
      item('OBS-3', { result: 'fail', remediation: 'mend', finding: { result: 'fail', detail: 'down', at: '' } }),
    ],
    verdict: 'ready-with-conditions',
  });
  const api = await startFakeApi({
    [`GET /v1/approvals/${id}`]: { body: asked },
    [`GET /v1/operation-plans/${idOf(belongsTo)}/content`]: { body: { digest: 'd'.repeat(64), content: about } },
    [`GET /v1/operation-plans/${idOf(belongsTo)}/readiness`]: { body: looked },
  });
  return (await evenkeel(api.url, 'approval', 'show', id)).out;
};

test('a voter sees the open points of the readiness, and what is taken back if it fails', async () => {
  const plannedStart = { window: 'nights', earliestAt: '2026-03-24T22:00:00.000Z' };
  const text = await shown({ ...approval(), since: [], leftOut: [], plannedStart });

  expect(text).toMatch(/begins +in nights, 2026-03-24 22:00:00Z .* at the earliest\n/);
  expect(text).toContain('readiness  ready-with-conditions');
  expect(text).toContain('fail  OBS-2 It is watched (major): status 503');
  expect(text).toContain('fail  OBS-3 It is watched (blocker): down; mend closes it');
  expect(text).toMatch(/pass +OBS-1 /);
  expect(text).toMatch(/release +promote: shift, tell, settle +shift; tell stays\n/);
  expect(text).toMatch(/warm-up +warm: tell +none: what was done stays\n/);
  expect(text).toMatch(/wait +settle: settle +nothing to undo\n/);
  expect(text).toMatch(/whole +do: shift, tell, settle +runbook back: tell\n/);
});

test('where nobody can decide it is said who is left out, why, and what helps', async () => {
  const text = await shown({
    ...approval({ people: ['rex'] }),
    since: ['v2 was completed in the same place since, by plan x'],
    leftOut: [{ person: 'rex', why: 'asked for it' }],
  });

  expect(text).toContain('since then\n  v2 was completed in the same place since');
  expect(text).toContain('stage 1: 1 of nobody; not rex, who asked for it\nToo few may vote: it is rejected ');
  expect(text).toContain('name approvers who neither ask nor execute\n(evenkeel apply), then cancel the plan');
});

test('a plan that waits for a vote shows who may give it', async () => {
  const asked = {
    ...approval({ people: ['rex'] }),
    since: ['v2 was completed in the same place since, by plan x'],
    leftOut: [{ person: 'rex', why: 'asked for it' }],
  };
  const waiting = aPlan({ approval: { id: asked.id, attempt: 1, status: 'open' } });
  const api = await startFakeApi({
    [`GET /v1/operation-plans/${planId}`]: { body: waiting },
    [`GET /v1/operation-plans/${planId}/runs`]: { body: { items: [] } },
    [`GET /v1/approvals/${asked.id}`]: { body: asked },
  });

  expect((await evenkeel(api.url, 'plan', 'show', planId)).out).toContain(
    'approval\n  stage 1: 1 of nobody; not rex, who asked for it\n  Too few may vote: it is rejected',
  );
});

test.each([
  [{ status: 'open', repeated: true }, 'You have voted already: abstain; nothing has changed. '],
  [{ status: 'rejected', repeated: false }, 'is rejected, 0 of 1: too few are left to agree'],
])('an abstention says what it did: %o', async (more, said) => {
  const { id } = approval();
  const api = await startFakeApi({
    [`GET /v1/approvals/${id}`]: { body: { ...approval(), since: [] } },
    [`POST /v1/approvals/${id}/votes`]: { body: { ...approval(), ...more } },
  });

  expect((await evenkeel(api.url, 'approval', 'abstain', id)).out).toContain(said);
});

test('a voter sees what a runbook of an incident does, and what shows that it has helped', async () => {
  const verify = { kind: 'http', url: 'http://a/healthy' };
  const spec = specs.Runbook.parse({ restores: { strategy: 'failover', verify, within: '5m' }, steps });
  const asked = { ...approval(), belongsTo: 'incident/3', since: [], leftOut: [], runbook: { name: 'failover', spec } };
  const api = await startFakeApi({ [`GET /v1/approvals/${asked.id}`]: { body: asked } });

  const { out } = await evenkeel(api.url, 'approval', 'show', asked.id);

  expect(out).toContain('incident/3: runbook failover');
  expect(out).toMatch(/verified by +http evidence, within 5m/);
  expect(out).toMatch(/shift +POST http:\/\/a +POST http:\/\/a\n/);
  expect(out).toMatch(/settle +waits 1s +none\n/);
});
