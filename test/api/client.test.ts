import { callFigures } from './figure-calls.ts';
import { callIncidents } from './incident-calls.ts';
import { callProblems } from './problem-calls.ts';
import { callRoutines } from './routine-calls.ts';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act, asFiles, company, document as documentOf, stated } from '../support/company.ts';
import { clientOf, compile, type Document, type Got, type Sent } from '../support/client.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { check, nightly } from '../support/routine.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    template: { approvalPolicy: 'second-person' },
    templates: check,
    routines: { nightly },
    statusPages: { shop: { title: 'Shop', components: [{ service: 'checkout', name: 'Paying' }] } },
    checks: [
      {
        id: 'OBS-1',
        title: 'It answers',
        level: 'C',
        severity: 'blocker',
        evidence: { kind: 'http', url: '{{environment.url}}/health' },
      },
      stated('minor'),
    ],
    steps: [
      { name: 'look', kind: 'task', title: 'Look at it', assignee: { team: 'shop' } },
      act('careful', { onFailure: 'ask' }),
    ],
  });
});
afterAll(() => ops.stop());

const payload = (path: string) =>
  JSON.parse(readFileSync(new URL(`../payloads/${path}`, import.meta.url), 'utf8')) as Record<string, unknown>;

test('every operation is called through a client that is generated from the document, and answers as published', async () => {
  const document = (await (await fetch(`${ops.url}/openapi.json`)).json()) as Document;
  const client = clientOf(ops.url, document);
  const as =
    (person: string) =>
    async (id: string, sent: Sent = {}): Promise<Got> =>
      client.call(id, sent, await ops.token(person));
  const byId = (id: unknown, more: Sent = {}): Sent => ({
    ...more,
    params: { path: { id: String(id) }, ...more.params },
  });
  const key = (): Sent['params'] => ({ header: { 'Idempotency-Key': crypto.randomUUID() } });
  const [cid, ana, admin, aud] = [as('cid'), as('ana'), as('admin'), as('aud')];
  const because = { body: { reason: 'the story wants it' } };
  const found = async (ask: () => Promise<Got>, fits: (got: Got) => boolean): Promise<Got> => {
    // Checking an answer against the document takes long, and plans are carried by the same process.
    await expect.poll(async () => fits(await ask()), { timeout: 90_000, interval: 500 }).toBe(true);
    return ask();
  };
  const deploy = async (): Promise<string> => {
    const body = {
      service: 'checkout',
      environment: 'production',
      artifact: `pkg:oci/checkout@${crypto.randomUUID()}`,
    };
    const told = await cid('reportDeployment', { body, params: key()! });
    const row = await found(
      () => cid('showInboxRow', byId(told.body['accepted'])),
      (got) => (got.body['verdict'] as { records?: string[] } | null)?.records !== undefined,
    );
    return (row.body['verdict'] as { records: string[] }).records[0]!.replace('plan/', '');
  };

  // Health, and what the catalogue has.
  await client.call('live');
  await client.call('ready');
  await as('vic')('metrics');
  await as('vic')('showMe');
  const files = asFiles(company({ target: ops.target.url }));
  await admin('applyDocuments', { body: { files, dryRun: true } });
  await admin('applyDocuments', { body: { files: [{ path: 'x.yaml', text: 'kind: Nothing' }], dryRun: true } });
  await admin('listDocuments', { params: { path: { kind: 'Team' } } });
  await admin('showDocument', { params: { path: { kind: 'Runbook', name: 'work' } } });
  const token = await admin('createToken', {
    body: { kind: 'personal', person: 'vic', scope: 'viewer', validFor: '1h' },
  });
  await admin('listTokens', { params: { query: { limit: 5 } } });
  await admin('revokeToken', byId((token.body['token'] as { id: string }).id));

  // What senders tell.
  const delivery = payload('github/deployment_status.created.json');
  const signed = (event: string, body: unknown): Sent => ({
    params: { path: { source: 'github' } },
    body,
    headers: {
      'x-github-event': event,
      'x-github-delivery': crypto.randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', 'github-secret').update(JSON.stringify(body)).digest('hex')}`,
    },
  });
  const ping = await client.call('receiveGithub', signed('ping', { zen: 'Keep it simple', hook_id: 1, hook: {} }));
  expect([ping.status, ping.body['detail']]).toEqual([200, undefined]);
  await client.call(
    'receiveGithub',
    signed('deployment_status', { ...delivery, repository: { full_name: 'no/body' } }),
  );
  const source = { path: { source: 'events' } };
  await client.call('consentToCloudEvents', {
    params: { ...source, header: { 'WebHook-Request-Origin': 'ci.example.org' } },
  });
  const event = payload('cdevents/v0.4.1/service_published.json');
  await client.call('receiveCloudEvents', {
    params: source,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: { specversion: '1.0', id: 'e1', source: '/ci', type: 'dev.cdevents.service.published.0.2.0', data: event },
  });
  await client.call(
    'receiveCloudEvents',
    { params: source, body: { specversion: '1.0', id: 'e', source: '/', type: 'x' } },
    'wrong',
  );
  const gaps = await cid('listInbox', { params: { query: { state: 'gap', limit: 1 } } });
  await cid('redeliver', byId(gaps.body.items[0]?.['id'] ?? crypto.randomUUID()));

  // A plan, from question to end.
  const plan = await deploy();
  await found(
    () => cid('showOperationPlan', byId(plan)),
    ({ body }) => (body['record'] as { approval?: { status: string } } | null)?.approval?.status === 'open',
  );
  const where = { service: 'checkout', environment: 'production' };
  await cid('requestPlan', { body: { ...where, template: 'release' } });
  await cid('listSuppliers');
  const supplier = { path: { name: 'nobody' } };
  await cid('showSupplierScorecard', { params: supplier });
  await cid('showSupplier', { params: supplier });
  await cid('moveSupplier', { params: supplier, body: { stage: 'live', reason: 'there is none' } });
  for (const id of ['onboardSupplier', 'exitSupplier']) await cid(id, { params: supplier, body: {} });
  await cid('listServices');
  await cid('showService', { params: { path: { name: 'checkout' } } });
  await cid('reportTransition', { body: { ...where, kind: 'go-live' } });
  await cid('listOperationPlans', { params: { query: { status: 'awaiting-approval' } } });
  await cid('showReadiness', byId(plan));
  await cid('showPlanContent', byId(plan));
  const place = { service: 'checkout', environment: 'production', check: 'OPS-2', validFor: '1h' };
  await cid('attest', { body: { ...place, statement: 'I know it' }, params: key()! });
  const waiver = await cid('askForWaiver', { body: { ...place, reason: 'not yet' } });
  await ana('grantWaiver', byId(waiver.body['id']));
  await cid('withdrawWaiver', { ...byId(waiver.body['id']), body: { reason: 'it is ready after all' } });
  await cid('listWaivers', { params: { path: { service: 'checkout', environment: 'production' } } });
  await cid('pausePlan', byId(plan, { ...because, params: key()! }));
  await cid('resumePlan', byId(plan, because));
  await cid('amendPlan', byId(plan, { body: { drop: ['nothing'], reason: 'too much' } }));
  // What was stated may have made it ask anew.
  const vote = async (): Promise<Got> => {
    const open = await ana('listApprovals', { params: { query: { status: 'open', belongsTo: `plan/${plan}` } } });
    const shown = await ana('showApproval', byId(open.body.items[0]?.['id'] ?? 'none'));
    const digest = (shown.body['digest'] ?? '0'.repeat(64)) as string;
    return ana('voteOnApproval', byId(shown.body['id'] ?? 'none', { body: { decision: 'approve', digest } }));
  };
  await expect.poll(async () => (await vote()).status, { timeout: 15_000 }).toBe(200);

  // Its work: a task, and a step that fails.
  ops.target.answer('POST /careful', 500);
  const tasks = await found(
    () => cid('listTasks', { params: { query: { status: 'open', belongsTo: `plan/${plan}` } } }),
    ({ body }) => body.items.length > 0,
  );
  await cid('showTask', byId(tasks.body.items[0]!['id']));
  await cid('reassignTask', byId(tasks.body.items[0]!['id'], { body: { to: 'dan', reason: 'ill' } }));
  const completed = await cid('completeTask', byId(tasks.body.items[0]!['id'], { body: {} }));
  expect(completed.body['detail']).toBeUndefined();
  const runs = await found(
    () => cid('listRuns', byId(plan)),
    ({ body }) => body.items[0]?.['status'] === 'asking',
  );
  const step = { path: { id: String(runs.body.items[0]!['id']), step: 'careful' } };
  await cid('showRun', { params: { path: { id: step.path.id } } });
  await cid('retryStep', { ...because, params: step });
  await found(
    () => cid('showRun', { params: { path: { id: step.path.id } } }),
    ({ body }) => body['status'] === 'asking',
  );
  await cid('skipStep', { ...because, params: step });
  await found(
    () => cid('listReports', byId(plan)),
    ({ body }) => body.items.length > 0,
  );

  // What is refused is a problem, as published too.
  for (const id of ['retryActivity', 'skipActivity'])
    await cid(id, byId(plan, { body: { activity: 'work', reason: 'late' } }));
  await cid('reassessPlan', byId(plan, because));
  await cid('assignSeat', byId(plan, { body: { seat: 'work', person: 'dan', reason: 'free' } }));
  await cid('reassignSeat', byId(plan, { body: { seat: 'work', to: 'ana', reason: 'ill' } }));
  await cid('acceptSeat', byId(plan, { body: { seat: 'work' } }));
  await cid('declineSeat', byId(plan, { body: { seat: 'work', reason: 'busy' } }));
  await cid('reportPlanStatus', byId(plan, { body: { text: 'All is well' } }));
  const other = await deploy();
  await cid('cancelPlan', byId(other, because));

  // What an auditor sees.
  await aud('showPlanAudit', byId(plan));
  await aud('exportPlan', byId(plan));
  await aud('verifyLedger');
  await aud('listCheckpoints');
  await cid('listStalls');
  const freeze = await cid('startFreeze', { body: { service: 'checkout', reason: 'a drill', for: '1m' } });
  await cid('endFreeze', { ...byId(String(freeze.body['id'])), body: { reason: 'the drill is over' } });
  await cid('listFreezes');
  const rota = documentOf('Schedule', 'rota', {
    zone: 'UTC',
    layers: [{ start: '2026-01-05T09:00', turn: { every: 1, unit: 'weeks' }, people: ['cid', 'ana'] }],
  });
  await admin('applyDocuments', { body: { files: asFiles([rota]) } });
  const named = (query?: Record<string, unknown>): Sent => ({
    params: { path: { name: 'rota' }, ...(query && { query }) },
  });
  const span = { from: '2036-01-07T09:00:00Z', until: '2036-01-08T09:00:00Z' };
  await cid('listOnCall', { params: { query: { at: span.from } } });
  await cid('showOnCall', named());
  await cid('listShifts', named(span));
  await cid('listGaps', { params: { query: { days: 7 } } });
  const wish = { ...named(), body: { ...span, person: 'ana', reason: 'a journey', inReturn: span } };
  const asked = async (): Promise<Sent> => byId((await cid('askOverride', wish)).body['id']);
  await ana('acceptOverride', await asked());
  await ana('declineOverride', { ...(await asked()), ...because });
  await cid('withdrawOverride', { ...(await asked()), ...because });
  await cid('listOverrides', named());
  const calendar = await cid('createCalendar', { body: { schedule: 'rota' } });
  const secret = /([\w-]+)\.ics$/.exec(String(calendar.body['path']))![1]!;
  expect((await client.call('readCalendar', { params: { path: { token: secret } } })).status).toBe(200);
  const calendars = await cid('listCalendars');
  await cid('revokeCalendar', byId(calendars.body.items[0]!['id']));
  for (const id of ['readStatusPage', 'readStatusFeed'])
    expect((await client.call(id, { params: { path: { page: 'shop' } } })).status).toBe(200);
  const refused = { workflowId: 'nobody', reason: 'to see what it says' };
  await admin('repairWorkflow', { body: refused });
  await aud('decodePayloads', { body: { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'e30=' }] } });
  await admin('deleteDocument', { params: { path: { kind: 'Service', name: 'nobody' } } });

  await callIncidents(client.call, as);
  await callProblems(as);
  await callRoutines(as);
  await callFigures(as);

  const known = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  const called = new Set(client.calls.map(({ id }) => id));
  expect(known.filter((id) => !called.has(id))).toEqual([]);
  await compile(document, client.calls);
}, 120_000);
