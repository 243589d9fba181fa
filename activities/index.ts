import { createApprovalActivities } from './approval/index.ts';
import { createAssessmentActivities } from './assessment.ts';
import { createHistoryActivities, type HistoryPorts } from './history.ts';
import { createNotificationActivities } from './notification.ts';
import { createPlanActivities } from './operation-plan.ts';
import type { ActivityPorts } from './ports.ts';
import { createReportActivities } from './report.ts';
import { createRunbookActivities } from './runbook.ts';

/** Every activity, with its ports filled in. */
export const createActivities = (ports: ActivityPorts & HistoryPorts) => ({
  ...createAssessmentActivities(ports),
  ...createPlanActivities(ports),
  ...createApprovalActivities(ports),
  ...createNotificationActivities(ports),
  ...createRunbookActivities(ports),
  ...createReportActivities(ports),
  ...createHistoryActivities(ports),
});

export type Activities = ReturnType<typeof createActivities>;
