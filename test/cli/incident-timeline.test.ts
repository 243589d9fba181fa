import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const event = (minute: number, name: string, action: string, more: object = {}) => ({
  at: `2026-03-02T16:${String(minute).padStart(2, '0')}:00.000Z`,
  actor: { type: name === 'evenkeel' ? 'system' : 'person', name },
  action,
  subject: 'incident/12',
  hash,
  ...more,
});
const events = [
  event(1, 'evenkeel', 'incident.accepted', { detail: { title: 'Nobody can pay', severity: 'SEV-3', kind: 'real' } }),
  event(5, 'jon', 'command.accepted', { subject: 'inbox/1', detail: { name: 'assignIncident', bodyHash: hash } }),
  event(6, 'jon', 'command.applied', { subject: 'inbox/1', detail: { name: 'assignIncident', bodyHash: hash } }),
  event(5, 'jon', 'incident.assigned', { detail: { type: 'assign', to: 'lea' }, reason: 'knows payments' }),
  event(2, 'evenkeel', 'incident.paged', { detail: { level: 0, loop: 1, people: ['ida', 'ben'] } }),
  event(3, 'evenkeel', 'effect.sent', {
    subject: 'effect/incident/12/page/1/0/ida/email.2/3',
    detail: { kind: 'email', detail: hash },
  }),
  event(4, 'evenkeel', 'effect.failed', {
    subject: 'effect/incident/12/page/1/0/ben/sms/3',
    detail: { kind: 'gateway', detail: `status 503 of ${hash}` },
  }),
  event(7, 'lea', 'incident.severity-set', { detail: { severity: 'SEV-2' }, reason: 'all customers' }),
  event(8, 'eva', 'command.accepted', { subject: 'inbox/2', detail: { name: 'setIncidentSeverity', bodyHash: hash } }),
  event(8, 'eva', 'command.refused', {
    subject: 'inbox/2',
    reason: 'the commander lowers it',
    detail: { name: 'setIncidentSeverity', bodyHash: hash },
  }),
  event(9, 'evenkeel', 'step.done', { subject: 'run/x', detail: { step: 'restart' } }),
];

const asCell = (text: string): string => text.replaceAll(/ {2,}/g, ' | ');

test('the timeline of an incident has one sentence for each event, in the order of time', async () => {
  const api = await startFakeApi({ 'GET /v1/incidents/12/audit': { body: { items: events } } });

  const { out } = await evenkeel(api.url, 'incident', 'timeline', '12');

  const rows = out.split('\n').map((line) => /^2026-03-02 (16:\d\d):00Z \(.*? ago\) +(.*)$/.exec(line) ?? []);
  expect(rows.map(([, at = '', ...texts]) => [at, ...texts.map(asCell)]).filter(([at]) => at !== '')).toEqual([
    ['16:01', 'evenkeel | opened it: Nobody can pay (SEV-3)'],
    ['16:02', 'evenkeel | turned to level 1, round 2: ida, ben'],
    ['16:03', 'evenkeel | paged ida by mail'],
    ['16:04', 'evenkeel | could not page ben by sms: status 503 of …'],
    ['16:05', 'jon | assigned it to lea | knows payments'],
    ['16:07', 'lea | severity SEV-3 to SEV-2 | all customers'],
    ['16:08', 'eva | asked in vain: set-severity | the commander lowers it'],
    ['16:09', 'evenkeel | step restart: done'],
  ]);
  expect(out).not.toContain(hash);
});

test('a program gets the whole ledger of an incident', async () => {
  const api = await startFakeApi({ 'GET /v1/incidents/12/audit': { body: { items: events } } });

  const { out } = await evenkeel(api.url, '--json', 'incident', 'timeline', '12');

  expect(JSON.parse(out)).toEqual({ items: events });
});
