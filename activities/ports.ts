import type * as ports from '../domain/ports.ts';
import type { Egress } from './egress.ts';
import type { RecordKinds } from './record-kind.ts';

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
  /** What each kind of record answers to what hangs on it. */
  kinds: RecordKinds;
  egress: Egress;
  /** Folder of the programs that `command` steps may run; undefined: none may. */
  programsFolder: string | undefined;
  /** Where people find Evenkeel, for links in messages. */
  publicUrl: string;
}
