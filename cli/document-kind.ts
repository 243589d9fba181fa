import type { Kind } from '../domain/document.ts';
import { CommandFailure } from './failure.ts';

/** All kinds; the compiler says when one is missing. */
const plurals: Record<Kind, string> = {
  Service: 'services',
  Environment: 'environments',
  Source: 'sources',
  Team: 'teams',
  Person: 'people',
  Schedule: 'schedules',
  EscalationPolicy: 'escalationpolicies',
  ReadinessChecklist: 'readinesschecklists',
  PlanTemplate: 'plantemplates',
  Routine: 'routines',
  Runbook: 'runbooks',
  ApprovalPolicy: 'approvalpolicies',
  MaintenanceWindow: 'maintenancewindows',
  NotificationChannel: 'notificationchannels',
  CorrelationRule: 'correlationrules',
  StatusPage: 'statuspages',
  Supplier: 'suppliers',
  SeverityPolicy: 'severitypolicies',
  ProblemPolicy: 'problempolicies',
  Heartbeat: 'heartbeats',
  ErrorBudgetPolicy: 'errorbudgetpolicies',
  DataSource: 'datasources',
  OpenSLOService: 'opensloservices',
  SLI: 'slis',
  SLO: 'slos',
  AlertPolicy: 'alertpolicies',
  AlertCondition: 'alertconditions',
  AlertNotificationTarget: 'alertnotificationtargets',
};

/** The kind that somebody means: in any case, with hyphens or without, one or many. */
export function kindOf(text: string): Kind {
  const meant = text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const kinds = Object.keys(plurals) as Kind[];
  const kind = kinds.find((known) => meant === known.toLowerCase() || meant === plurals[known]);
  if (kind) return kind;
  throw new CommandFailure(2, `unknown kind ${text}: expected one of ${kinds.join(', ')}`);
}
