import type { Context } from '../context.ts';
import { type Operation, tagged } from '../operation.ts';
import { alertOperations } from './alert.ts';
import { approvalOperations } from './approval/index.ts';
import { auditOperations } from './audit.ts';
import { catalogueOperations } from './catalogue/index.ts';
import { changeOperations } from './change.ts';
import { codecOperations } from './codec.ts';
import { deploymentOperations } from './deployment.ts';
import { eventOperations } from './event.ts';
import { freezeOperations } from './freeze.ts';
import { calendarOperations } from './calendar.ts';
import { healthOperations } from './health.ts';
import { heartbeatOperations } from './heartbeat.ts';
import { hookOperations } from './hook/index.ts';
import { improvementSignalOperations } from './improvement-signal.ts';
import { incidentOperations } from './incident/index.ts';
import { inboxOperations } from './inbox.ts';
import { metricOperations } from './metric.ts';
import { objectiveOperations } from './objective.ts';
import { onCallOperations } from './on-call.ts';
import { patternOperations } from './pattern.ts';
import { performanceReportOperations } from './performance-report.ts';
import { planOperations } from './operation-plan/index.ts';
import { overrideOperations } from './override.ts';
import { problemOperations } from './problem/index.ts';
import { readinessOperations } from './readiness.ts';
import { requestOperations } from './request.ts';
import { routineOperations } from './routine/index.ts';
import { runOperations } from './run.ts';
import { serviceOperations } from './service.ts';
import { stallOperations } from './stall.ts';
import { statusPageOperations } from './status-page.ts';
import { supplierOperations } from './supplier.ts';
import { taskOperations } from './task.ts';
import { transitionOperations } from './transition.ts';
import { tokenOperations } from './token.ts';

/** The map of operations: every route that there is. */
export const operationsOf = (context: Context): Operation[] => [
  ...tagged('health', healthOperations(context)),
  ...tagged('hooks', hookOperations(context)),
  ...tagged('deployments', deploymentOperations(context)),
  ...tagged('transitions', transitionOperations(context)),
  ...tagged('requests', requestOperations(context)),
  ...tagged('operation plans', planOperations(context)),
  ...tagged('incidents', incidentOperations(context)),
  ...tagged('problems', problemOperations(context)),
  ...tagged('patterns', patternOperations(context)),
  ...tagged('metrics', metricOperations(context)),
  ...tagged('objectives', objectiveOperations(context)),
  ...tagged('reports', performanceReportOperations(context)),
  ...tagged('improvement signals', improvementSignalOperations(context)),
  ...tagged('alerts', alertOperations(context)),
  ...tagged('events', eventOperations(context)),
  ...tagged('heartbeats', heartbeatOperations(context)),
  ...tagged('changes', changeOperations(context)),
  ...tagged('approvals', approvalOperations(context)),
  ...tagged('runs', runOperations(context)),
  ...tagged('routines', routineOperations(context)),
  ...tagged('tasks', taskOperations(context)),
  ...tagged('services', serviceOperations(context)),
  ...tagged('suppliers', supplierOperations(context)),
  ...tagged('readiness', readinessOperations(context)),
  ...tagged('catalogue', catalogueOperations(context)),
  ...tagged('inbox', inboxOperations(context)),
  ...tagged('freezes', freezeOperations(context)),
  ...tagged('on call', [...onCallOperations(context), ...overrideOperations(context), ...calendarOperations(context)]),
  ...tagged('status pages', statusPageOperations(context)),
  ...tagged('stalls', stallOperations(context)),
  ...tagged('audit', auditOperations(context)),
  ...tagged('codec', codecOperations(context)),
  ...tagged('tokens', tokenOperations(context)),
];
