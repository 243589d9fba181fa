import type { Client } from '@temporalio/client';
import type { WorldPorts } from '../activities/index.ts';
import { namesOf } from '../domain/objective/named.ts';
import { offsetOf, runEveryMs } from '../domain/objective/rhythm.rules.ts';
import { archiveScheduleId, archiveWorkflowType } from '../workflows/history.messages.ts';
import { dailyPatternsWorkflowType } from '../workflows/pattern.messages.ts';
import { objectiveWorkflowType } from '../workflows/objective.messages.ts';
import { monthlyReportsWorkflowType, signalChaseWorkflowType } from '../workflows/performance-report.messages.ts';
import { reconcileSchedules, type WantedSchedule } from './temporal-schedules.ts';

/** What there is of once. */
const single = [
  {
    name: archiveScheduleId,
    workflowType: archiveWorkflowType,
    spec: { intervals: [{ every: '10 minutes' }] },
    catchupWindow: '1 hour',
  },
  // The month before has ended in every zone, and most of what comes late has come.
  {
    name: 'monthly-reports',
    workflowType: monthlyReportsWorkflowType,
    spec: { cronExpressions: ['0 6 2 * *'] },
    catchupWindow: '25 days',
  },
  {
    name: 'daily-patterns',
    workflowType: dailyPatternsWorkflowType,
    spec: { cronExpressions: ['0 4 * * *'] },
    catchupWindow: '1 day',
  },
  {
    name: 'chase-signals',
    workflowType: signalChaseWorkflowType,
    spec: { cronExpressions: ['0 7 * * *'] },
    catchupWindow: '1 day',
  },
] satisfies readonly WantedSchedule[];

/** Keeps every schedule: whoever deletes or pauses one would switch off what finds broken plans, or what measures. */
export const keepSchedules = async (
  client: Client,
  taskQueue: string,
  { catalogue, objectives }: Pick<WorldPorts, 'catalogue' | 'objectives'>,
): Promise<void> => {
  await reconcileSchedules(client, { prefix: '', taskQueue }, single);
  const documents = await catalogue.list('SLO', await catalogue.revision());
  const unsettled = await objectives.unsettled();
  const names = new Set([...documents.flatMap(namesOf), ...unsettled.map(({ objective }) => objective)]);
  const prefix = `objective/${taskQueue}/`;
  await reconcileSchedules(client, { prefix, taskQueue }, [...names].map(objectiveSchedule));
};

/** Keeps a run under way. What was missed is asked of the source, so that one run is begun for all that were missed. */
const objectiveSchedule = (name: string): WantedSchedule => ({
  name,
  workflowType: objectiveWorkflowType,
  spec: { intervals: [{ every: runEveryMs, offset: offsetOf(name) }] },
  catchupWindow: runEveryMs,
  beginsAtOnce: true,
});
