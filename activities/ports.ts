import type { IncidentStore } from '../domain/incident/ports.ts';
import type { InsightStore } from '../domain/insight/ports.ts';
import type { SignalStore } from '../domain/improvement-signal/ports.ts';
import type { ObservationStore, PerformanceRecordStore } from '../domain/metric/ports.ts';
import type { PerformanceReportStore } from '../domain/performance-report/ports.ts';
import type { ObjectiveStore } from '../domain/objective/ports.ts';
import type { PatternEvidenceStore, PatternRunStore } from '../domain/pattern/ports.ts';
import type { RoutineStore } from '../domain/routine/ports.ts';
import type { ProblemStore } from '../domain/problem/ports.ts';
import type * as ports from '../domain/ports.ts';
import type { Egress } from './egress.ts';
import type { RecordKinds } from './record-kind.ts';

/** All that activities need of the world; tests pass fakes. */
export interface ActivityPorts {
  secrets: ports.Secrets;
  catalogue: ports.CatalogueStore;
  schedules: ports.ScheduleStore;
  plans: ports.PlanStore;
  incidents: IncidentStore;
  problems: ProblemStore;
  objectives: ObjectiveStore;
  insight: InsightStore;
  observations: ObservationStore;
  performanceRecords: PerformanceRecordStore;
  performanceReports: PerformanceReportStore;
  patternEvidence: PatternEvidenceStore;
  patternRuns: PatternRunStore;
  routines: RoutineStore;
  signals: SignalStore;
  runs: ports.RunStore;
  approvals: ports.ApprovalStore;
  readiness: ports.ReadinessStore;
  reservations: ports.ReservationStore;
  outbox: ports.OutboxStore;
  reports: ports.ReportStore;
  statusPages: ports.StatusPageStore;
  freezes: ports.FreezeStore;
  tasks: ports.TaskStore;
  commands: ports.CommandStore;
  /** What each kind of record answers to what hangs on it. */
  kinds: RecordKinds;
  egress: Egress;
  /**
   * The instant by which windows are judged, in milliseconds: our own, whatever a workflow says that it is. Tests whose
   * workflows skip time believe them.
   */
  clock: (workflow: number) => number;
  /** Folder of the programs that `command` steps may run; undefined: none may. */
  programsFolder: string | undefined;
  /** Where people find Evenkeel, for links in messages. */
  publicUrl: string;
}
