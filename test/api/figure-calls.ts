import { expect } from 'vitest';
import type { Got, Sent } from '../support/client.ts';

type Call = (id: string, sent?: Sent) => Promise<Got>;

/** Every operation about metrics, reports and signals: answers and refusals alike are as published. */
export async function callFigures(as: (person: string) => Call): Promise<void> {
  const dan = as('dan');
  const query = { service: 'checkout', period: '2026-01' };
  const path = { name: 'incident-volume' };
  await dan('listMetrics');
  await dan('showMetrics', { params: { query } });
  const { body: record } = await dan('showMetric', { params: { path, query } });
  await dan('showPerformanceRecord', { params: { path: { id: String(record['id']) } } });
  await dan('listMetricInputs', { params: { path, query } });
  await dan('compareMetric', { params: { path, query } });

  await dan('listObjectives');
  await dan('exportObjectives');
  await dan('showObjective', { params: { path: { name: 'unheard-of' } } });
  await dan('listBudgetHolds', { params: { query: { open: 'true' } } });
  const nobody = { path: { id: '00000000-0000-4000-8000-000000000000' } };
  await as('ana')('overrideBudgetHold', { params: nobody, body: { reason: 'there is none', for: '1h' } });
  await as('cid')('reviewBudgetHold', { params: nobody, body: { text: 'there is none' } });

  // One incident that a person noticed is something to be answered.
  const period = new Date().toISOString().slice(0, 7);
  const { body: ordered } = await dan('orderPerformanceReport', { body: { service: 'checkout', period } });
  const byId = { params: { path: { id: String(ordered['report']) } } };
  await expect.poll(async () => (await dan('showPerformanceReport', byId)).status, { timeout: 15_000 }).toBe(200);
  await dan('showPerformanceReportAsText', byId);
  await dan('showPerformanceReportAsPage', byId);
  const { body: looked } = await dan('orderPatternRun', { body: { service: 'checkout', period } });
  const ofRun = { params: { path: { id: String(looked['run']) } } };
  await expect.poll(async () => (await dan('showPatternRun', ofRun)).status, { timeout: 15_000 }).toBe(200);
  await dan('listPatternRuns', { params: { query: { limit: 1 } } });
  await dan('listPerformanceReports', { params: { query: { limit: 1 } } });
  const { body: signals } = await dan('listSignals', { params: { query: { service: 'checkout' } } });
  const signal = { path: { id: String((signals['items'] as { id: string }[])[0]?.id) } };
  await dan('showSignal', { params: signal });
  await as('cid')('answerSignal', { params: signal, body: { answer: 'accepted', reason: 'the story wants it' } });
}
