import { createApprovalActivities } from './approval/index.ts';
import { createAssessmentActivities } from './operation-plan/assessment.ts';
import { createIncidentActivities } from './incident/index.ts';
import { createIncidentKind } from './incident/kind.ts';
import { createHistoryActivities, type HistoryPorts } from './history.ts';
import { createNotificationActivities } from './notification/index.ts';
import { createPlanActivities } from './operation-plan/index.ts';
import { createPlanKind } from './operation-plan/kind.ts';
import type { ActivityPorts } from './ports.ts';
import type { RecordKinds } from './record-kind.ts';
import { createPatternActivities } from './pattern/index.ts';
import { createPerformanceReportActivities } from './performance-report/index.ts';
import { createObjectiveActivities } from './objective/index.ts';
import { createProblemActivities } from './problem/index.ts';
import { createProblemKind } from './problem/kind.ts';
import { createReportActivities } from './report/index.ts';
import { createRoutineActivities } from './routine/index.ts';
import { createRunbookActivities } from './runbook.ts';

/** What activities need, before the kinds of records are made from it. */
export type WorldPorts = Omit<ActivityPorts, 'kinds'>;

/** Every kind of record that there is. */
export const createRecordKinds = (ports: WorldPorts) =>
  ({
    plan: createPlanKind(ports),
    incident: createIncidentKind(ports),
    problem: createProblemKind(ports),
  }) as const satisfies RecordKinds;

/** Every activity, with its ports filled in. */
export const createActivities = (world: WorldPorts & HistoryPorts, kinds: RecordKinds = createRecordKinds(world)) => {
  const ports = { ...world, kinds };
  return {
    ...createAssessmentActivities(ports),
    ...createPlanActivities(ports),
    ...createIncidentActivities(ports),
    ...createProblemActivities(ports),
    ...createApprovalActivities(ports),
    ...createNotificationActivities(ports),
    ...createRunbookActivities(ports),
    ...createReportActivities(ports),
    ...createPerformanceReportActivities(ports),
    ...createObjectiveActivities(ports),
    ...createPatternActivities(ports),
    ...createRoutineActivities(ports),
    ...createHistoryActivities(ports),
  };
};

export type Activities = ReturnType<typeof createActivities>;
