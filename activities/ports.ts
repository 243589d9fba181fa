import type * as ports from '../domain/ports.ts';
import type { Egress } from './egress.ts';

/** All that activities need of the world; tests pass fakes. */
export interface ActivityPorts {
  secrets: ports.Secrets;
  catalogue: ports.CatalogueStore;
  plans: ports.PlanStore;
  runs: ports.RunStore;
  approvals: ports.ApprovalStore;
  readiness: ports.ReadinessStore;
  reservations: ports.ReservationStore;
  outbox: ports.OutboxStore;
  reports: ports.ReportStore;
  commands: ports.CommandStore;
  egress: Egress;
  /** Folder of the programs that `command` steps may run; undefined: none may. */
  programsFolder: string | undefined;
  /** Where people find Evenkeel, for links in messages. */
  publicUrl: string;
}
