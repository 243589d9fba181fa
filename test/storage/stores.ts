import type { PlanId } from '../../domain/id.ts';
import { commission } from '../support/commission.ts';
import type { Reference } from '../../domain/reference.ts';
import type { Document } from '../../domain/document.ts';
import type {
  ApprovalStore,
  CatalogueStore,
  OutboxStore,
  PlanStore,
  ReadinessStore,
  ReportStore,
  ReservationStore,
} from '../../domain/ports.ts';
import { sql } from 'kysely';
import { createStores } from '../../workers/ports.ts';
import { entry, morning, person } from '../support/builders.ts';
import { createDatabase } from '../support/database.ts';
import { createMemoryApprovalStore } from '../support/memory/approval.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { createMemoryLedger } from '../support/memory/ledger.ts';
import { createMemoryPlanStore } from '../support/memory/operation-plan.ts';
import { createMemoryOutbox } from '../support/memory/outbox.ts';
import { createMemoryReadinessStore } from '../support/memory/readiness.ts';
import { createMemoryReportStore } from '../support/memory/report.ts';
import { createMemoryReservationStore } from '../support/memory/reservation.ts';

interface Check {
  service: string;
  environment: string;
  check: string;
}

/** The stores behind the ports, with the few things that a test does around them. */
export interface StoresUnderTest {
  plans: PlanStore;
  approvals: ApprovalStore;
  outbox: OutboxStore;
  reservations: ReservationStore;
  readiness: ReadinessStore;
  reports: ReportStore;
  catalogue: CatalogueStore;
  openPlan(id: PlanId): Promise<void>;
  apply(documents: readonly Document[]): Promise<number>;
  attest(check: Check, by: string, at: string, expiresAt: string): Promise<void>;
  waive(check: Check, by: string, approvedBy: string | undefined, expiresAt: string): Promise<void>;
  reportsOf(record: Reference): Promise<{ kind: string; number: number; markdown: string }[]>;
  ledgerKeys(): Promise<string[]>;
  close(): Promise<void>;
}

const workflowOf = (id: string): string => `operation-plan/${id}`;

export const storesInMemory = async (): Promise<StoresUnderTest> => {
  const ledger = createMemoryLedger();
  const plans = createMemoryPlanStore(ledger);
  const readiness = createMemoryReadinessStore();
  const reports = createMemoryReportStore();
  const catalogue = createMemoryCatalogue();
  return {
    plans,
    readiness,
    reports,
    catalogue,
    approvals: createMemoryApprovalStore(ledger),
    outbox: createMemoryOutbox(),
    reservations: createMemoryReservationStore(plans.isClosed),
    openPlan: async (id) => plans.open(id, workflowOf(id), 'shop'),
    apply: catalogue.apply,
    attest: async (check, by, at, expiresAt) => readiness.attest(check, { by, at, expiresAt, statement: 'I looked' }),
    waive: async (check, requestedBy, approvedBy, expiresAt) =>
      readiness.keepWaiver({
        id: crypto.randomUUID(),
        ...check,
        reason: 'later',
        requestedBy,
        expiresAt,
        ...(approvedBy === undefined ? {} : { approvedBy }),
      }),
    reportsOf: reports.of,
    ledgerKeys: async () => ledger.keys(),
    close: async () => {},
  };
};

export const storesInPostgres = async (): Promise<StoresUnderTest> => {
  const database = await createDatabase();
  const stores = createStores(database.db);
  return {
    ...stores,
    async openPlan(id) {
      await stores.plans.open({
        id,
        workflowId: workflowOf(id),
        triggerKey: id,
        commission,
        service: 'checkout',
        environment: id,
        team: 'shop',
        artifact: id,
        entry: entry(`plan/${id}/opened`),
      });
    },
    apply: async (documents) => (await stores.catalogue.apply(documents, person('ana'), morning)).revision,
    async attest(check, by, at, expiresAt) {
      await stores.readiness.attest(
        crypto.randomUUID(),
        { ...check, statement: 'I looked', expiresAt },
        person(by),
        at,
      );
    },
    async waive(check, by, approvedBy, expiresAt) {
      const { id } = await stores.readiness.askForWaiver(
        crypto.randomUUID(),
        { ...check, reason: 'later', expiresAt },
        person(by),
        morning,
      );
      if (approvedBy !== undefined) await stores.readiness.grantWaiver(id, person(approvedBy), morning);
    },
    reportsOf: stores.reports.of,
    async ledgerKeys() {
      const { rows } = await sql<{ key: string }>`select key from ledger_entry order by id`.execute(database.db);
      return rows.map(({ key }) => key);
    },
    close: database.drop,
  };
};
