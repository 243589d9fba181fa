import type { ReadAlerts } from '../alert.ts';
import { readAlertmanager } from './alertmanager.ts';
import { readKeptIncidentEvent } from './cdevents-incident.ts';
import { readReported } from './generic.ts';
import { readKeptFailure } from './github-failure.ts';
import { readGrafana } from './grafana.ts';
import { readHeartbeat } from './heartbeat.ts';
import { readKubernetes } from './kubernetes.ts';
import { readKeptPagerDutyEvent } from './pagerduty-events.ts';
import { readObjective } from './objective.ts';
import { readSupplier } from './supplier.ts';
import { readPrometheus } from './prometheus.ts';

/** How a body is read, by the name of its format. It is read as it is accepted, and again as it is correlated. */
export const readers = {
  alertmanager: readAlertmanager,
  prometheus: readPrometheus,
  grafana: readGrafana,
  kubernetes: readKubernetes,
  pagerduty: readKeptPagerDutyEvent,
  events: readReported,
  heartbeat: readHeartbeat,
  objective: readObjective,
  supplier: readSupplier,
  'cloudevents.incident': readKeptIncidentEvent,
  'github.deployment_status': readKeptFailure('deployment_status'),
  'github.workflow_run': readKeptFailure('workflow_run'),
} as const satisfies Record<string, ReadAlerts>;

export type AlertFormat = keyof typeof readers;

export const isAlertFormat = (name: string): name is AlertFormat => Object.hasOwn(readers, name);
