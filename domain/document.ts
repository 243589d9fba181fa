import { z } from 'zod';
import { ApprovalPolicySpec } from './approval.ts';
import { CorrelationRuleSpec } from './correlation-rule.ts';
import { EnvironmentSpec } from './environment.ts';
import { EscalationPolicySpec } from './escalation-policy.ts';
import { HeartbeatSpec } from './heartbeat.ts';
import { MaintenanceWindowSpec } from './maintenance-window.ts';
import { Name } from './name.ts';
import { NotificationChannelSpec } from './notification.ts';
import { PlanTemplateSpec } from './plan-template.ts';
import { ProblemPolicySpec } from './problem-policy.ts';
import { ReadinessChecklistSpec } from './readiness.ts';
import { RunbookSpec } from './runbook.ts';
import { ScheduleSpec } from './schedule.ts';
import { SeverityPolicySpec } from './severity-policy.ts';
import { ServiceSpec } from './service.ts';
import { StatusPageSpec } from './status-page.ts';
import { SourceSpec } from './source.ts';
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
  Runbook: RunbookSpec,
  ApprovalPolicy: ApprovalPolicySpec,
  MaintenanceWindow: MaintenanceWindowSpec,
  NotificationChannel: NotificationChannelSpec,
  SeverityPolicy: SeverityPolicySpec,
  ProblemPolicy: ProblemPolicySpec,
  CorrelationRule: CorrelationRuleSpec,
  Heartbeat: HeartbeatSpec,
  StatusPage: StatusPageSpec,
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
