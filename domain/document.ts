import { z } from 'zod';
import { ApprovalPolicySpec } from './approval.ts';
import { CorrelationRuleSpec } from './correlation-rule.ts';
import { ErrorBudgetPolicySpec } from './error-budget-policy.ts';
import { EnvironmentSpec } from './environment.ts';
import { EscalationPolicySpec } from './escalation-policy.ts';
import { HeartbeatSpec } from './heartbeat.ts';
import { MaintenanceWindowSpec } from './maintenance-window.ts';
import { Name } from './name.ts';
import { NotificationChannelSpec } from './notification.ts';
import { SLOSpec } from './objective.ts';
import { AlertConditionSpec, AlertNotificationTargetSpec, AlertPolicySpec } from './objective/alert-policy.ts';
import { DataSourceSpec, SLISpec } from './objective/indicator.ts';
import { about, openSloVersion } from './objective/open-slo.ts';
import { PlanTemplateSpec } from './plan-template.ts';
import { ProblemPolicySpec } from './problem-policy.ts';
import { ReadinessChecklistSpec } from './readiness.ts';
import { RoutineSpec } from './routine.ts';
import { RunbookSpec } from './runbook.ts';
import { ScheduleSpec } from './schedule.ts';
import { SeverityPolicySpec } from './severity-policy.ts';
import { ServiceSpec } from './service.ts';
import { StatusPageSpec } from './status-page.ts';
import { SourceSpec } from './source.ts';
import { SupplierSpec } from './supplier.ts';
import { PersonSpec, TeamSpec } from './team.ts';

/** Every kind of document that `evenkeel apply` takes, with the schema of its spec. */
export const specs = {
  Service: ServiceSpec,
  Environment: EnvironmentSpec,
  Source: SourceSpec,
  Team: TeamSpec,
  Person: PersonSpec,
  Schedule: ScheduleSpec,
  EscalationPolicy: EscalationPolicySpec,
  ReadinessChecklist: ReadinessChecklistSpec,
  PlanTemplate: PlanTemplateSpec,
  Routine: RoutineSpec,
  Runbook: RunbookSpec,
  ApprovalPolicy: ApprovalPolicySpec,
  MaintenanceWindow: MaintenanceWindowSpec,
  NotificationChannel: NotificationChannelSpec,
  SeverityPolicy: SeverityPolicySpec,
  ProblemPolicy: ProblemPolicySpec,
  CorrelationRule: CorrelationRuleSpec,
  Heartbeat: HeartbeatSpec,
  StatusPage: StatusPageSpec,
  Supplier: SupplierSpec,
  ErrorBudgetPolicy: ErrorBudgetPolicySpec,
  DataSource: DataSourceSpec,
  OpenSLOService: z.strictObject(about).meta({ id: 'OpenSLOServiceSpec' }),
  SLI: SLISpec,
  SLO: SLOSpec,
  AlertPolicy: AlertPolicySpec,
  AlertCondition: AlertConditionSpec,
  AlertNotificationTarget: AlertNotificationTargetSpec,
};
export type Kind = keyof typeof specs;
export const kinds = Object.keys(specs) as Kind[];
export const Kind = z.enum(kinds as [Kind, ...Kind[]]);
export type SpecOf<K extends Kind> = z.infer<(typeof specs)[K]>;

export const Labels = z.record(z.string().max(63), z.string().max(255));

export const Metadata = z.strictObject({
  name: Name,
  labels: Labels.default({}),
});

/** One document of the catalogue, as it is kept. */
export interface Document<K extends Kind = Kind> {
  kind: K;
  name: string;
  labels: Record<string, string>;
  spec: SpecOf<K>;
}

export const apiVersion = 'evenkeel/v1';

/** Kinds of OpenSLO, by the name that its documents have there: `Service` is another thing than ours. */
export const openSloKinds: Readonly<Record<string, Kind>> = {
  DataSource: 'DataSource',
  Service: 'OpenSLOService',
  SLI: 'SLI',
  SLO: 'SLO',
  AlertPolicy: 'AlertPolicy',
  AlertCondition: 'AlertCondition',
  AlertNotificationTarget: 'AlertNotificationTarget',
};

/** How a document of this kind is headed. */
export const headOf = (kind: Kind): { apiVersion: string; kind: string } => {
  const [written] = Object.entries(openSloKinds).find(([, ours]) => ours === kind) ?? [];
  return written === undefined ? { apiVersion, kind } : { apiVersion: openSloVersion, kind: written };
};
