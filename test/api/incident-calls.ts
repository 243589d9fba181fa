import { createHmac } from 'node:crypto';
import { IncidentAsk } from '../../domain/incident/ask.ts';
import { incidentUpdates } from '../../workflows/incident.messages.ts';
import { alertmanagerBody } from '../support/monitoring.ts';
import type { Got, Sent } from '../support/client.ts';

type Call = (id: string, sent?: Sent) => Promise<Got>;

/** Every operation about alerts and incidents: answers and refusals alike are as published. */
export async function callIncidents(
  call: (id: string, sent?: Sent, token?: string) => Promise<Got>,
  as: (person: string) => Call,
): Promise<void> {
  await call(
    'receiveAlertmanager',
    { params: { path: { source: 'monitoring' } }, body: JSON.parse(alertmanagerBody({})) as unknown },
    'events-secret',
  );
  const told = { labels: { alertname: 'A', service: 'checkout' }, annotations: {}, status: 'firing', fingerprint: 'f' };
  for (const [id, source, body] of [
    ['receivePrometheus', 'prometheus', [told]],
    ['receiveGrafana', 'grafana', { version: '1', alerts: [told] }],
    ['receiveKubernetes', 'cluster', { items: [] }],
    ['receiveEvents', 'own', { title: 'The queue grows', service: 'checkout' }],
  ] as const)
    await call(id, { params: { path: { source } }, body }, 'events-secret');
  const key = { routing_key: 'events-secret' };
  const payload = { summary: 'Disk is full', source: 'db-1', severity: 'critical' };
  await call('enqueuePagerDutyEvent', { body: { ...key, event_action: 'trigger', payload } });
  await call('enqueuePagerDutyEvent', { body: { routing_key: 'nobody', event_action: 'resolve' } });
  await call('enqueuePagerDutyChange', { body: { ...key, payload } });
  const page = { event: { id: 'e', event_type: 'incident.acknowledged' } };
  const signature = createHmac('sha256', 'events-secret').update(JSON.stringify(page)).digest('hex');
  await call('receivePagerDuty', {
    params: { path: { source: 'pages' } },
    body: page,
    headers: { 'x-pagerduty-signature': `v1=${signature}` },
  });
  await call('beat', { params: { path: { name: 'backup' } } }, 'events-secret');
  await as('cid')('reportEvents', {
    body: { events: [{ title: 'The queue grows', service: 'checkout', environment: 'production' }] },
    params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
  });
  await pressInSlack(call);
  const dan = as('dan');
  await dan('listChanges', { params: { query: { service: 'checkout', limit: 1 } } });
  const declared = await dan('declareIncident', {
    body: { title: 'Nobody can pay', service: 'checkout', environment: 'production', severity: 'SEV-3' },
    params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
  });
  const path = { id: String(declared.body['incident']) };
  await dan('listIncidents', { params: { query: { open: true, service: 'checkout' } } });
  await dan('listAlerts', { params: { query: { state: 'firing' } } });
  const alert = { fingerprint: '0'.repeat(32) };
  const until = new Date(Date.now() + 60_000).toISOString();
  await dan('shelveAlert', { params: { path: alert }, body: { until, reason: 'noise' } });
  await dan('unshelveAlert', { params: { path: alert }, body: { reason: 'no noise' } });
  for (let record = null; record === null;)
    record = (await dan('showIncident', { params: { path } })).body['record'] as null;
  const later = new Date(Date.now() + 60_000).toISOString();
  const person = { to: 'ana', person: 'ana', role: 'commander', reason: 'the story wants it' };
  const fields: Record<string, unknown> = {
    ...person,
    until: later,
    service: 'checkout',
    severity: 'SEV-2',
    impact: 1,
    urgency: 1,
    strategy: 'restart',
    why: 'vendor',
    solution: 'Restarted',
    code: 'not-an-incident',
    text: 'A note',
    runbook: 'work',
    into: 1,
    parent: 1,
    alerts: ['0'.repeat(32)],
    title: 'Another one',
    action: 1,
    problem: 1,
    note: 'done',
    document: {},
    version: 1,
  };
  for (const { shape } of IncidentAsk.options) {
    const type = shape.type.value;
    if (type === 'complete-task' || type === 'reassign-task') continue;
    const needed = Object.entries(shape).flatMap(([name, schema]) =>
      name === 'type' || schema.safeParse(undefined).success ? [] : [[name, fields[name]]],
    );
    await dan(incidentUpdates[type], { params: { path }, body: Object.fromEntries(needed) });
  }
  await dan('rateIncident', { params: { path }, body: { score: 4 } });
  await dan('listSimilarIncidents', { params: { path } });
  await dan('sayNotSimilar', { params: { path }, body: { other: 1, reason: 'it is another one' } });
  await dan('showIncidentReview', { params: { path } });
  await dan('editIncidentReview', { params: { path }, body: { markdown: '# Review' } });
  await as('aud')('showIncidentAudit', { params: { path } });
  await as('aud')('exportIncident', { params: { path } });
}

/** Somebody whom nobody knows presses a button. */
const pressInSlack = async (call: Call): Promise<void> => {
  const pressed = { type: 'block_actions', user: { id: 'U0NOBODY' }, team: { id: 'T0SHOP' }, actions: [] };
  const body = { payload: JSON.stringify(pressed) };
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signed = `v0:${timestamp}:${new URLSearchParams(body).toString()}`;
  await call('receiveSlack', {
    params: { path: { source: 'slack' } },
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${createHmac('sha256', 'events-secret').update(signed).digest('hex')}`,
    },
  });
};
