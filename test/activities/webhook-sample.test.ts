import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { createWebhookChannel } from '../../activities/channels/webhook.ts';
import { createEgress } from '../../activities/egress.ts';
import { planReport } from '../../activities/operation-plan/report.ts';
import type { RecordKind } from '../../activities/record-kind.ts';
import { createReportActivities } from '../../activities/report/index.ts';
import { type Document, specs } from '../../domain/document.ts';
import { IncidentStatus } from '../../domain/incident.ts';
import { planWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Message } from '../../domain/message.ts';
import { plan } from '../support/builders.ts';
import { planId, planReference } from '../support/id.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { createMemoryOutbox } from '../support/memory/outbox.ts';
import { createMemoryReportStore } from '../support/memory/report.ts';
import { secretsOf, serve } from './world.ts';

const id = planId('checkout.production.0001');
const workflowId = planWorkflowIdOf(id);

vi.mock('@temporalio/activity', async (original) => ({
  ...(await original<typeof import('@temporalio/activity')>()),
  activityInfo: () => ({ workflowExecution: { workflowId } }),
}));

const page = readFileSync('docs/api.md', 'utf8');
const section = page.slice(page.indexOf('## Webhooks that Evenkeel sends'), page.indexOf('## Operations'));

test('the sample of a webhook in the API page is what a receiver gets', async () => {
  const bodies: unknown[] = [];
  const server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    bodies.push(JSON.parse(body));
    response.writeHead(204).end();
  });
  const catalogue = createMemoryCatalogue(documentsFor(server.url));
  const [[key, message] = []] = await outboxOf('completed', catalogue);
  const send = createWebhookChannel({
    egress: createEgress([server.address]),
    secrets: secretsOf({ hook: `whsec_${Buffer.from('0'.repeat(32)).toString('base64')}` }),
    catalogue,
  });
  const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
  await send(message as Extract<Message, { kind: 'webhook' }>, {
    key: key!,
    createdAt: '2026-03-24T09:00:00.000Z',
    idOf,
    firstId: async () => undefined,
  });

  const [, sample = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
  expect(bodies).toEqual([JSON.parse(sample)]);
});

test('the page lists every type of webhook, and no other', async () => {
  const ends = ['completed', 'undone', 'failed', 'rejected', 'cancelled'] as const;
  const sent = await Promise.all(
    ends.map((status) => outboxOf(status, createMemoryCatalogue(documentsFor('http://a')))),
  );
  const types = sent.flat().map(([, message]) => (message as { type: string }).type);
  const listed = Array.from(section.matchAll(/^\| `(evenkeel\.[\w.-]+)`/gm), ([, type]) => type);
  const ofIncidents = IncidentStatus.options.filter((status) => status === 'closed' || status === 'cancelled');

  expect(listed).toEqual([
    ...types,
    'evenkeel.operation-plan.status-reported',
    ...ofIncidents.map((status) => `evenkeel.incident.${status}`),
    'evenkeel.incident.status-reported',
  ]);
});

const documentsFor = (url: string): Document[] => [
  {
    kind: 'NotificationChannel',
    name: 'hook',
    labels: {},
    spec: specs.NotificationChannel.parse({ type: 'webhook', url, secret: 'hook' }),
  },
  {
    kind: 'Service',
    name: 'checkout',
    labels: {},
    spec: specs.Service.parse({ description: 'Sells', owner: 'shop', stakeholders: ['hook'] }),
  },
];

/** What is to be sent when a plan has ended so. */
const outboxOf = async (
  status: 'completed' | 'undone' | 'failed' | 'rejected' | 'cancelled',
  catalogue: ReturnType<typeof createMemoryCatalogue>,
): Promise<[string, unknown][]> => {
  const outbox = createMemoryOutbox();
  const none = { of: async () => [], review: async () => undefined };
  const record = plan({ id, status });
  const commission = { service: 'checkout', environment: 'production', catalogueRevision: 1 };
  const plans = { find: async () => ({ record, team: 'shop', commission }) };
  const ports = { catalogue, plans, runs: none, approvals: none, readiness: none, outbox };
  const kind: Partial<RecordKind> = {
    workflowIdOf: () => workflowId,
    reportOf: (of, ask) => planReport(ports as unknown as Parameters<typeof planReport>[0], planId(of), ask),
  };
  await createReportActivities({
    catalogue,
    outbox,
    commands: { statusReports: async () => [] } as unknown as Parameters<typeof createReportActivities>[0]['commands'],
    kinds: { plan: kind as RecordKind },
    reports: createMemoryReportStore(),
    publicUrl: 'https://evenkeel.example.org',
  }).reportCompletion({ belongsTo: planReference(id) });
  return [...outbox.messages()];
};
