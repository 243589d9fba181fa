import { createEgress } from '../activities/egress.ts';
import type { WorldPorts } from '../activities/index.ts';
import { createAlertInbox } from '../storage/alert-inbox.ts';
import { createParkedAlerts } from '../storage/parked-alerts.ts';
import { createAlertStore } from '../storage/alert.ts';
import { createApprovalStore } from '../storage/approval.ts';
import { createCalendarFeedStore } from '../storage/calendar-feed.ts';
import { createCatalogueStore } from '../storage/catalogue.ts';
import type { Database } from '../storage/database.ts';
import { createChangeStore } from '../storage/change.ts';
import { createFreezeStore } from '../storage/freeze.ts';
import { createCurrentStore } from '../storage/current.ts';
import { createHeartbeatStore } from '../storage/heartbeat.ts';
import { createIncidentStore } from '../storage/incident/index.ts';
import { createSignalStore } from '../storage/improvement-signal.ts';
import { createInsightStore } from '../storage/insight/index.ts';
import { createInboxStore } from '../storage/inbox.ts';
import { createPerformanceRecordStore } from '../storage/performance-record.ts';
import { createPerformanceReportStore } from '../storage/performance-report.ts';
import { createPatternEvidenceStore } from '../storage/insight/pattern.ts';
import { createLifecycleStore } from '../storage/lifecycle.ts';
import { createPatternRunStore } from '../storage/pattern-run.ts';
import { createPlanStore } from '../storage/operation-plan.ts';
import { createBudgetHoldStore } from '../storage/budget-hold.ts';
import { createObjectiveStore } from '../storage/objective.ts';
import { createObservationStore } from '../storage/observation.ts';
import { createOutboxStore } from '../storage/outbox.ts';
import { createOverrideStore } from '../storage/override.ts';
import { createProblemStore } from '../storage/problem.ts';
import { createRatingStore } from '../storage/rating.ts';
import { createReadinessStore } from '../storage/readiness.ts';
import { createRecordStore } from '../storage/record.ts';
import { createReportStore } from '../storage/report.ts';
import { createReservationStore } from '../storage/reservation.ts';
import { createRoutineStore } from '../storage/routine.ts';
import { createRoutineListing } from '../storage/routine-list.ts';
import { createRunStore } from '../storage/runbook-run.ts';
import { createScheduleStore } from '../storage/schedule.ts';
import { createStatusPageStore } from '../storage/status-page.ts';
import { createSupplierFeedStore } from '../storage/supplier-feed.ts';
import { createSupplierStore } from '../storage/supplier.ts';
import { createStallStore } from '../storage/stall.ts';
import { createTaskStore } from '../storage/task.ts';
import { createTokenStore } from '../storage/token.ts';
import { type Config, publicUrlOf } from './config.ts';
import { createSecrets } from './secrets.ts';

/** Every store, on one database. */
export const createStores = (db: Database) => {
  const inbox = createInboxStore(db);
  const catalogue = createCatalogueStore(db);
  const overrides = createOverrideStore(db);
  const budgetHolds = createBudgetHoldStore(db);
  return {
    inbox,
    catalogue,
    overrides,
    schedules: createScheduleStore(db, catalogue, overrides),
    calendarFeeds: createCalendarFeedStore(db),
    records: createRecordStore(db),
    plans: createPlanStore(db),
    alertInbox: createAlertInbox(db),
    parkedAlerts: createParkedAlerts(db),
    alerts: createAlertStore(db),
    changes: createChangeStore(db),
    heartbeats: createHeartbeatStore(db),
    incidents: createIncidentStore(db),
    problems: createProblemStore(db),
    insight: createInsightStore(db),
    runs: createRunStore(db),
    tasks: createTaskStore(db),
    approvals: createApprovalStore(db, inbox),
    readiness: createReadinessStore(db),
    reservations: createReservationStore(db),
    outbox: createOutboxStore(db),
    reports: createReportStore(db),
    tokens: createTokenStore(db),
    stalls: createStallStore(db),
    lifecycles: createLifecycleStore(db),
    suppliers: createSupplierStore(db),
    supplierFeeds: createSupplierFeedStore(db),
    freezes: createFreezeStore(db),
    ratings: createRatingStore(db),
    objectives: { ...createObjectiveStore(db), ...budgetHolds },
    budgetHolds,
    current: createCurrentStore(db),
    observations: createObservationStore(db),
    performanceRecords: createPerformanceRecordStore(db),
    performanceReports: createPerformanceReportStore(db),
    patternEvidence: createPatternEvidenceStore(db),
    patternRuns: createPatternRunStore(db, inbox),
    routines: { ...createRoutineStore(db, inbox), ...createRoutineListing(db) },
    signals: createSignalStore(db),
    statusPages: createStatusPageStore(db),
  };
};
export type Stores = ReturnType<typeof createStores>;

/** The world as the activities of this process see it. */
export const createPorts = (stores: Stores, config: Config): WorldPorts => {
  const { EVENKEEL_SECRETS_DIR: secrets, EVENKEEL_STATE_DIR: state } = config;
  return {
    ...stores,
    commands: stores.inbox,
    clock: () => Date.now(),
    secrets: createSecrets(secrets ?? (state && `${state}/secrets`), process.env),
    egress: createEgress(config.EVENKEEL_EGRESS_ALLOW),
    programsFolder: config.EVENKEEL_PROGRAMS_DIR,
    publicUrl: publicUrlOf(config),
  };
};
