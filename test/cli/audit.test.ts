import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recordViews } from '../../api/routes/record-views.ts';
import { checkExport } from '../../cli/audit/check.ts';
import { ownParts } from '../../cli/audit/parts.ts';
import { digestOf } from '../../domain/digest.ts';
import { linkOf, signedText } from '../../storage/ledger-seal.ts';
import { resigned } from '../support/export.ts';
import { aRecord, aRun, aStep, planId } from './a-plan.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const keys = generateKeyPairSync('ed25519');
const { privateKey, publicKey } = keys;
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const keyId = sha256(pem).slice(0, 16);

/** The body of an entry of the plan. */
const said = (action: string, more: object = {}): string =>
  JSON.stringify({
    key: action,
    at: '2026-01-01T11:00:00.000Z',
    actor: { type: 'system', name: 'evenkeel' },
    action,
    subject: `plan/${planId}`,
    belongsTo: `plan/${planId}`,
    ...more,
  });

/** Links 4, 5 and 9 of a chain, one entry that is not sealed, and a checkpoint on link 5. */
const anExport = () => {
  const link = (sequence: number, previous: string, body: string) => ({
    sequence,
    previous,
    body,
    hash: linkOf(previous, sequence, sha256(body)),
  });
  const fourth = link(4, 'a'.repeat(64), said('plan.fact-heard'));
  const fifth = link(5, fourth.hash, said('plan.paused'));
  const ninth = link(9, 'b'.repeat(64), said('plan.resumed'));
  const head = { number: 1, sequence: 5, hash: fifth.hash, at: '2026-01-01T00:00:00.000Z', keyId };
  const signature = sign(null, signedText(head), privateKey).toString('base64');
  const history = { events: [{ eventId: '1' }] };
  const kept = { workflowId: 'w', runId: 'r', sha256: sha256(JSON.stringify(history, null, 2)), history };
  const archived = said('history.archived', {
    key: 'history/w/r',
    subject: 'history/w/r',
    detail: { sha256: kept.sha256 },
  });
  const file = {
    format: 'evenkeel-export/v1',
    exportedAt: '2026-01-01T13:00:00.000Z',
    record: `plan/${planId}`,
    ledger: [fourth, fifth, ninth, { sequence: null, previous: null, hash: null, body: archived }],
    checkpoints: [{ ...head, signature }],
    histories: [kept],
  };
  return resigned(file, keys);
};

/** Checks a file that somebody has changed who can sign it as well. */
const checkSigned = (file: object, wantedKey?: string) => checkExport(resigned(file, keys), wantedKey);

test('an export that nobody touched fits', () => {
  expect(checkExport(anExport(), keyId)).toEqual({
    entries: 3,
    unsealed: 1,
    anchored: 1,
    checkpoints: 1,
    histories: 1,
    keyId,
    bound: ['content', 'readiness', 'approvals', 'runs', 'effects', 'reports'],
    unbound: ['plan: 1 not there yet', 'histories: 1 under no signed checkpoint yet'],
    problems: [],
  });
});

test('the export of every kind of record has its own parts checked', () => {
  expect(Object.keys(ownParts).toSorted()).toEqual(Object.keys(recordViews).toSorted());
});

/** A plan that is over, with an entry for each thing that it left behind; none of them is sealed yet. */
const anEndedPlan = () => {
  const plan = aRecord({ status: 'completed', rev: 2, endedAt: '2026-01-01T12:00:00.000Z' });
  const { id, workflowId, service, environment, template, catalogueRevision, parameters, trigger } = plan;
  const vote = {
    seat: 'ana',
    voter: 'ana',
    decision: 'approve',
    reason: 'fine',
    digest: 'd',
    at: '2026-01-01T11:00:00Z',
  };
  const approval = { id: `${id}.approval.1`, votes: [vote] };
  const run = aRun([aStep('one', 'done')], { rev: 1 });
  const effect = { key: 'run/1/one/1', kind: 'http', state: 'sent', result: { detail: 'status 200' } };
  const report = { kind: 'completion', number: 1, markdown: '' };
  const entry = (key: string, action: string, subject: string, left: unknown, more: object = {}): string =>
    said(action, {
      key,
      at: vote.at,
      subject,
      ...(left === undefined ? {} : { recordDigest: digestOf(left) }),
      ...more,
    });
  const commission = { service, environment, template, catalogueRevision, parameters, trigger };
  const bodies = [
    entry(`plan/${id}/accepted`, 'plan.accepted', `plan/${id}`, commission),
    entry(`${workflowId}/1`, 'plan.opened', `plan/${id}`, undefined, { detail: { trigger } }),
    entry('approval/opened', 'approval.opened', `approval/${approval.id}`, { ...approval, votes: [] }),
    entry('approval/vote', 'approval.vote-approve', `approval/${approval.id}`, approval, {
      actor: { type: 'person', name: 'ana' },
      reason: 'fine',
      detail: { digest: 'd' },
    }),
    entry(`${workflowId}/2`, 'plan.completed', `plan/${id}`, plan),
    entry('effect/run/1/one/1', 'effect.sent', 'effect/run/1/one/1', effect, {
      detail: { kind: 'http', detail: 'status 200' },
    }),
    entry(`${run.workflowId}/1`, 'step.done', `run/${run.id}`, run, { detail: { step: 'one' } }),
    entry(`report/plan/${id}/completion/1`, 'report.written', `report/plan/${id}/completion/1`, report),
  ];
  const file = anExport();
  return {
    ...file,
    ledger: [
      ...bodies.map((body) => ({ sequence: null, previous: null, hash: null, body })),
      ...file.ledger.filter(({ sequence }) => sequence === null),
    ],
    checkpoints: [],
    plan,
    approvals: [approval],
    runs: [run],
    effects: [effect],
    reports: [report],
  };
};

test('what no checkpoint covers yet is said', () => {
  const { problems, unbound, bound } = checkSigned(anEndedPlan());

  expect(problems).toEqual([]);
  expect(bound).toEqual(['content', 'readiness']);
  expect(unbound).toEqual([
    'plan: 2 under no signed checkpoint yet',
    'approvals: 1 under no signed checkpoint yet',
    'runs: 1 under no signed checkpoint yet',
    'effects: 1 under no signed checkpoint yet',
    'reports: 1 under no signed checkpoint yet',
    'histories: 1 of the record, not archived yet',
    'histories: 1 under no signed checkpoint yet',
  ]);
});

test.each<[string, (file: ReturnType<typeof anEndedPlan>) => unknown, string]>([
  ['status', ({ plan }) => (plan.status = 'undone'), 'the ledger does not say that it was undone'],
  ['requester', ({ plan }) => (plan.trigger.requester = 'ben'), 'what set it off, or who asked'],
  ['vote', ({ approvals }) => (approvals[0]!.votes[0]!.decision = 'reject'), 'the vote of ana is not as the ledger'],
  ['approval', ({ approvals }) => approvals.pop(), 'the file does not have it'],
  ['step', ({ runs }) => (runs[0]!.steps[0]!.status = 'failed'), 'step one is not as the ledger has it'],
  [
    'effect',
    ({ effects }) => (effects[0]!.result.detail = 'status 500'),
    'run/1/one/1: how it ended is not as the ledger',
  ],
  ['report', ({ reports }) => (reports[0]!.markdown = 'All is well'), 'completion/1: it is not as the ledger has it'],
])('the ledger tells that the %s was changed', (_, change, problem) => {
  const file = anEndedPlan();
  change(file);

  expect(checkSigned(file).problems).toEqual([expect.stringContaining(problem)]);
});

test('a plan that was cancelled and completed all the same is a problem', () => {
  const file = anEndedPlan();
  const target = file.plan.workflowId;
  const command = said('command.accepted', {
    key: 'inbox/c-1/accepted',
    subject: 'inbox/c-1',
    actor: { type: 'person', name: 'cid' },
    detail: { name: 'cancelPlan', target },
  });
  const entry = (body: string) => ({ sequence: null, previous: null, hash: null, body });
  const cancelled = { ...file, ledger: [...file.ledger, entry(command)] };
  const refusal = said('command.refused', {
    key: 'inbox/c-1/refused',
    subject: 'inbox/c-1',
    actor: { type: 'person', name: 'cid' },
  });

  expect(checkSigned(cancelled).problems).toEqual([expect.stringContaining('though cid had it cancelled')]);
  expect(checkSigned({ ...cancelled, ledger: [...cancelled.ledger, entry(refusal)] }).problems).toEqual([]);
});

test('an entry without the digest of what it left behind is a problem', () => {
  const file = anEndedPlan();
  const effect = file.ledger.find(({ body }) => body.includes('effect.sent'))!;
  effect.body = effect.body.replace(/,"recordDigest":"\w+"/, '');

  expect(checkSigned(file).problems).toEqual(['effects: run/1/one/1: its entry holds no digest']);
});

test('an entry that is there twice is a problem, since one of them could be chosen', () => {
  const file = anEndedPlan();
  file.ledger.push(file.ledger[0]!);

  expect(checkSigned(file).problems).toEqual([`ledger: plan/${planId}/accepted is there twice`]);
});

test('the proof anchors every entry that the chain leads from to a signed checkpoint', () => {
  const file = anExport();
  const proof = {
    previous: 'a'.repeat(64),
    first: 4,
    bodyHashes: [sha256(said('plan.fact-heard')), sha256(said('plan.paused'))],
  };
  expect(checkSigned({ ...file, proof }).anchored).toBe(2);

  // Somebody who rewrites an entry with its link cannot rewrite the checkpoint that the chain has to meet.
  const forged = { ...proof, bodyHashes: [sha256('{}'), proof.bodyHashes[1]!] };
  expect(checkSigned({ ...file, proof: forged })).toMatchObject({
    anchored: 1,
    problems: ['proof: it does not lead to checkpoint 5'],
  });
  const ledger = file.ledger.map((link) =>
    link.sequence === 4 ? { ...link, body: '{}', hash: linkOf('a'.repeat(64), 4, sha256('{}')) } : link,
  );
  expect(checkSigned({ ...file, ledger: ledger.filter(({ sequence }) => sequence !== 5), proof })).toMatchObject({
    anchored: 0,
    problems: ['link 4: the proof says otherwise'],
  });
});

/** Link 4 tells of a plan, under a checkpoint of its own. */
const anAnchoredPlan = (signer = privateKey) => {
  const { id, workflowId, trigger } = aRecord();
  const body = JSON.stringify({
    key: `${workflowId}/1`,
    at: '2026-01-01T10:00:00.000Z',
    actor: { type: 'system', name: 'evenkeel' },
    action: 'plan.opened',
    subject: `plan/${id}`,
    belongsTo: `plan/${id}`,
    detail: { trigger },
  });
  const previous = 'a'.repeat(64);
  const hash = linkOf(previous, 4, sha256(body));
  const head = { number: 1, sequence: 4, hash, at: '2026-01-01T00:00:00.000Z', keyId };
  return {
    ...anExport(),
    ledger: [{ sequence: 4, previous, hash, body }],
    checkpoints: [{ ...head, signature: sign(null, signedText(head), signer).toString('base64') }],
  };
};

test('a checkpoint proves nothing unless the key that is wanted has signed it', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;

  expect(checkSigned(anAnchoredPlan())).toMatchObject({ anchored: 1, checkpoints: 1 });
  expect(checkSigned(anAnchoredPlan(stranger))).toMatchObject({ anchored: 0, checkpoints: 0 });
  expect(checkSigned(anAnchoredPlan(), 'ffff')).toMatchObject({ anchored: 0 });
});

test('an entry whose body does not fit its link is not proven by it', () => {
  const file = anAnchoredPlan();
  file.ledger[0]!.body = file.ledger[0]!.body.replace('"plan.opened"', '"plan.ended"');

  expect(checkSigned(file)).toMatchObject({ anchored: 0, entries: 0 });
});

type Exported = ReturnType<typeof anExport>;

test.each<[string, (file: Exported) => void, string]>([
  ['an entry', ({ ledger }) => (ledger[0]!.body = '{}'), 'link 4: the entry was changed'],
  [
    'an entry and its link',
    ({ ledger }) => Object.assign(ledger[0]!, { body: '{}', hash: linkOf('a'.repeat(64), 4, sha256('{}')) }),
    'link 5: it does not follow the link before',
  ],
  ['a checkpoint', ({ checkpoints }) => (checkpoints[0]!.at = '2027'), 'checkpoint 5: the signature does not fit'],
  ['a history', ({ histories }) => (histories[0]!.history.events = []), 'history w r: it was changed'],
])('an export in which %s was changed does not fit', (_, change, problem) => {
  const file = anExport();
  change(file);

  expect(checkSigned(file).problems).toEqual([problem]);
});

test('an export is bound as a whole: when it was made, what it has, and in which order', () => {
  const bound = 'the file: it is not as it was when it was exported';
  const file = anExport();
  const [first, second, ...rest] = file.ledger;

  expect(checkExport({ ...file, exportedAt: '2026-01-02T13:00:00.000Z' }).problems).toEqual([bound]);
  expect(checkExport({ ...file, note: 'all is well' }).problems).toEqual(['note: no export has such a part', bound]);
  expect(checkExport({ ...file, ledger: [second, first, ...rest] }).problems).toEqual([
    'link 4: it is out of its order',
    bound,
  ]);
  expect(checkExport({ ...file, historiesToCome: 3 }).problems).toEqual([bound]);
  expect(checkExport(resigned(file)).problems).toContain('checkpoint 5: the signature does not fit');
});

test('a checkpoint that was taken out of an export is missed', () => {
  const file = anExport();
  const ninth = file.ledger[2]!;
  const later = { number: 3, sequence: 9, hash: ninth.hash!, at: '2026-01-01T00:02:00.000Z', keyId };
  const signature = sign(null, signedText(later), privateKey).toString('base64');

  expect(checkSigned({ ...file, checkpoints: [...file.checkpoints, { ...later, signature }] }).problems).toEqual([
    'checkpoint 9: the one before it is missing',
  ]);
});

test('another key than the one wanted is a problem', () => {
  expect(checkSigned(anExport(), 'ffff').problems).toEqual([expect.stringContaining('and not ffff')]);
});

test('an export is kept for its owner alone and checks offline', async () => {
  const path = join(folder, 'plan.json');
  const api = await startFakeApi({ [`GET /v1/operation-plans/${planId}/export`]: { body: anExport() } });

  const exported = await evenkeel(api.url, 'audit', 'export', planId, '--output', path);
  const checked = await evenkeel('http://127.0.0.1:1', 'audit', 'check', path);

  expect(exported.out).toBe(`${path}\n`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining('3 entries fit their links, 1 were not') });
});

test('a checkpoint that was shipped elsewhere has to be in the ledger still', async () => {
  const made = { number: 1, sequence: 5, hash: 'h', at: '2026-01-01T00:00:00.000Z', keyId, signature: 'one' };
  const path = join(folder, 'checkpoints.jsonl');
  writeFileSync(path, `${JSON.stringify(made)}\n${JSON.stringify({ ...made, sequence: 9, signature: 'two' })}\n`);
  const api = await startFakeApi({
    'GET /v1/audit/verification': { body: { ok: true, verified: 5, unsealed: 0, checkpoints: 1 } },
    'GET /v1/audit/checkpoints': { body: { publicKey: pem, items: [made] } },
  });

  expect((await evenkeel(api.url, 'audit', 'verify')).code).toBe(0);
  expect(await evenkeel(api.url, 'audit', 'verify', '--checkpoints', path)).toMatchObject({
    code: 1,
    out: expect.stringContaining(`NOT verified: checkpoint 9 of ${path} is not in the ledger any more`),
  });
});

test('what somebody wrote into the form of a task stands in the trail', async () => {
  const entry = { at: '2026-01-01T10:00:00.000Z', actor: { type: 'person', name: 'ana' }, subject: 's', sequence: 1 };
  const detail = { task: 't1', result: 'done', answers: { toldWhom: 'support', calls: 3 } };
  const api = await startFakeApi({
    [`GET /v1/operation-plans/${planId}/audit`]: {
      body: { items: [{ ...entry, action: 'task.closed', reason: 'by phone', detail }] },
    },
  });

  expect((await evenkeel(api.url, 'audit', 'show', planId)).out).toContain('by phone; toldWhom=support; calls=3\n');
});

test.each(['12', 'incident/12'])('the trail of an incident is shown by %s', async (record) => {
  const entry = { at: '2026-01-01T10:00:00.000Z', actor: { type: 'person', name: 'ana' }, subject: 's', sequence: 1 };
  const items = [{ ...entry, action: 'incident.noted', reason: 'we look at it' }];
  const api = await startFakeApi({ 'GET /v1/incidents/12/audit': { body: { items } } });

  expect((await evenkeel(api.url, 'audit', 'show', record)).out).toContain('we look at it');
});

test.each<[string, (file: Record<string, unknown>) => void]>([
  ['approvals', (file) => (file['approvals'] = {})],
  ['approvals.0.votes', (file) => (file['approvals'] = [{ id: 'a' }])],
  ['runs.0.id', (file) => (file['runs'] = [{}])],
  ['ledger.0', (file) => (file['ledger'] = [null])],
  [
    'checkpoints.0.signature',
    (file) => (file['checkpoints'] = [{ number: 1, sequence: 1, hash: '', at: '', keyId: '' }]),
  ],
  ['proof.bodyHashes', (file) => (file['proof'] = { previous: '', first: 1 })],
  ['effects.0.result', (file) => (file['effects'] = [{ key: 'k', kind: 'http', state: 'sent', result: 'ok' }])],
])('an export whose part %s has another shape is told which', (part, change) => {
  const file = { ...anExport() };
  change(file);

  expect(() => checkExport(file)).toThrow(`this is not a file from evenkeel audit export: ${part}: `);
});

test('a key of another kind signs nothing', () => {
  const other = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

  expect(checkExport({ ...anExport(), publicKey: other }).problems).toEqual([
    'checkpoint 5: the signature does not fit',
    'the file: it is not as it was when it was exported',
  ]);
});

test('what is not proven is a failure for whoever is strict', async () => {
  const path = join(folder, 'unproven.json');
  writeFileSync(path, JSON.stringify(anExport()));

  expect((await evenkeel('http://127.0.0.1:1', 'audit', 'check', path)).code).toBe(0);
  expect((await evenkeel('http://127.0.0.1:1', 'audit', 'check', path, '--strict')).code).toBe(1);
});

test('a file that is no export is refused', async () => {
  const path = join(folder, 'other.json');
  writeFileSync(path, '{"format":"other"}');

  expect((await evenkeel('http://127.0.0.1:1', 'audit', 'check', path)).code).toBe(1);
  expect((await evenkeel('http://127.0.0.1:1', 'audit', 'check', join(folder, 'gone.json'))).code).toBe(2);
});

test('an export that an editor has saved with a byte order mark is checked as before', async () => {
  const path = join(folder, 'marked.json');
  writeFileSync(path, `\u{feff}${JSON.stringify(anExport(), null, 4)}`);

  expect((await evenkeel('http://127.0.0.1:1', 'audit', 'check', path)).code).toBe(0);
});

test('an export in another encoding is said to be in one', async () => {
  const path = join(folder, 'wide.json');
  writeFileSync(path, Buffer.from(`\u{feff}${JSON.stringify(anExport())}`, 'utf16le'));

  const { code, err } = await evenkeel('http://127.0.0.1:1', 'audit', 'check', path);

  expect([code, err]).toEqual([2, `evenkeel: ${path} is not UTF-8 text\n`]);
});
