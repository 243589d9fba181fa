import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { About } from '../../activities/notification/mail/about.ts';
import { mailOf } from '../../activities/notification/mail/index.ts';
import { answeredMail, askedMail } from '../../api/routes/override-mail.ts';
import { run } from '../../cli/program.ts';
import type { Notice } from '../../domain/notice.ts';
import { ask } from '../../domain/override.rules.ts';
import type { Waiver } from '../../domain/readiness.ts';
import { wordsIn } from '../support/command-line.ts';
import { planReference, taskId } from '../support/id.ts';
import { approval, morning, task } from '../support/builders.ts';
import { answering } from '../activities/world.ts';

beforeAll(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const about: About = {
  belongsTo: planReference('checkout.production.0001'),
  title: 'checkout in production',
  publicUrl: 'http://127.0.0.1:7480',
  facts: ['SEV-2, investigating'],
  brief: ['Artifact: pkg:oci/checkout@sha256:0001'],
};
const asked = approval({ stages: [{}, { approvers: [{ team: 'ops', role: 'approver' }] }] });
const form = [
  { field: 'ticket', label: 'Ticket', type: 'text' as const, required: true },
  { field: 'seconds', label: 'How long', type: 'number' as const, required: true },
  { field: 'isWell', label: 'All well', type: 'boolean' as const, required: false },
];
const moved = { person: 'ana', to: 'ben', by: 'cid', reason: 'ana is ill' };
const waiver: Waiver = {
  id: '6f0e7f0a-6d5c-4a5e-9a59-3a7d3f6d7a10',
  service: 'checkout',
  environment: 'production',
  check: 'OBS-1',
  reason: 'the probe is broken',
  requestedBy: 'cid',
  expiresAt: '2026-03-25T09:00:00.000Z',
};
const move = { from: 'ana', to: 'ben', by: 'cid', reason: 'ana is ill', at: morning };
const notices: Notice[] = [
  {
    reason: 'not-ready',
    blockers: ['OBS-1 It answers: status 503'],
    service: 'checkout',
    environment: 'production',
    checks: ['OBS-1'],
    readyBy: '2026-03-25T09:00:00.000Z',
  },
  { reason: 'waiver-asked', waiver },
  { reason: 'seat-asked', seat: 'work.shop.operator.1' },
  { reason: 'seat-asked', seat: 'work.shop.operator.1', moved },
  { reason: 'seat-reassigned', seat: 'work.shop.operator.1', moved },
  { reason: 'start-held', why: 'frozen by cid until 2026-03-25T09:00:00.000Z: the database is slow' },
  { reason: 'seat-exhausted', seat: 'work.shop.operator.1' },
  { reason: 'scheduled', startAt: '2026-03-24T22:00:00.000Z' },
  { reason: 'status-report-due' },
  { reason: 'still-paused' },
  { reason: 'failure-heard', why: 'github says that the deployment of x failed' },
  { reason: 'activity-failed', activity: 'work' },
  { reason: 'undo-failed', activities: ['work'] },
  { reason: 'broke-off', why: 'its workflow was ended' },
  { reason: 'task-opened', task: { ...task('t1'), id: taskId('plan.x.task.work.1'), form } },
  { reason: 'task-reminded', task: { ...task('t1'), form } },
  { reason: 'task-late', task: task('t1') },
  { reason: 'task-reassigned', task: task('t1', { form, reassigned: [move] }) },
  { reason: 'task-taken', task: task('t1', { reassigned: [move] }) },
  { reason: 'step-failed', run: 'x/runbook/work/run-1', step: 'one', failure: 'one: status 503' },
  { reason: 'step-undo-failed', run: 'x/runbook/work/run-1', step: 'one', failure: 'status 503' },
  { reason: 'step-held', step: 'one', why: 'window is closed' },
  { reason: 'stalled', what: 'workflow', why: 'an answer was not sealed' },
  { reason: 'approval-asked', approval: asked },
  { reason: 'approval-reminded', approval: asked },
  { reason: 'approval-escalated', approval: asked },
  { reason: 'changes-requested', approval: asked },
  { reason: 'too-few-approvers', approval: asked, leftOut: [{ person: 'ana', why: 'asked for it' }] },
];

test.each(notices.map((notice) => [notice.reason, notice] as const))(
  'every command of the mail %s can be pasted as it stands',
  async (_, notice) => {
    const api = await answering(404, JSON.stringify({ title: 'Not found', status: 404 }), {
      'content-type': 'application/problem+json',
    });
    vi.stubEnv('EVENKEEL_URL', api.url);
    vi.stubEnv('EVENKEEL_TOKEN', 'evk_x');
    const { subject, text } = mailOf(notice, about);
    const commands = text.split('\n').filter((line) => line.startsWith('evenkeel '));

    expect(subject).not.toMatch(/undefined|\n/);
    expect(text).not.toContain('undefined');
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect([command, await run(wordsIn(command))]).toEqual([command, 5]);
  },
);

const wish = { from: '2036-03-04T09:00:00Z', until: '2036-03-04T17:00:00Z', person: 'ben', reason: 'ill' };
const override = ask(
  waiver.id,
  'rota',
  { ...wish, inReturn: { from: wish.from, until: wish.until } },
  { by: 'ana', at: morning },
);

test.each([askedMail(override, 'ben@example.org'), answeredMail(override, 'ben', 'ana@example.org', 'busy')])(
  'every command of a mail about an override can be pasted as it stands',
  async (mail) => {
    const api = await answering(404, JSON.stringify({ title: 'Not found', status: 404 }), {
      'content-type': 'application/problem+json',
    });
    vi.stubEnv('EVENKEEL_URL', api.url);
    vi.stubEnv('EVENKEEL_TOKEN', 'evk_x');
    const text = 'text' in mail ? mail.text : '';
    const commands = text.split('\n').filter((line) => line.startsWith('evenkeel '));

    expect(text).toContain('ana is on call instead of ben');
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) expect([command, await run(wordsIn(command))]).toEqual([command, 5]);
  },
);

test('a reason for an override is one line, whatever was given', () => {
  const mail = askedMail({ ...override, reason: 'ill\nevenkeel schedule accept 1' }, 'ben@example.org');

  expect('text' in mail && mail.text).toContain('ill evenkeel schedule accept 1');
});

test('what a person gave as a reason cannot pass for a command of ours', () => {
  const reason = 'ill\nevenkeel plan cancel checkout.production.0001 --reason now';
  const { text } = mailOf({ reason: 'seat-asked', seat: 'work.shop.operator.1', moved: { ...moved, reason } }, about);

  expect(text.split('\n').filter((line) => line.startsWith('evenkeel plan cancel'))).toEqual([]);
  expect(text).toContain('cid asks you instead of ana: ill evenkeel plan cancel');
});

test('a mail that asks for an approval has what it takes to decide, and a task what is to be filled in', () => {
  const { text } = mailOf({ reason: 'approval-asked', approval: asked }, about);
  for (const part of [
    asked.digest,
    'Artifact: pkg:oci/checkout@sha256:0001',
    asked.deadlineAt,
    'Then: team ops (approver)',
  ])
    expect(text).toContain(part);
  expect(
    mailOf(
      notices.find(({ reason }) => reason === 'task-opened')!,
      about,
    ).text,
  ).toContain('--set ticket="…" --set seconds=0');
});
