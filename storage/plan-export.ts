import type { Approval } from '../domain/approval.ts';
import type { ReadinessReview } from '../domain/readiness.ts';
import type { RunbookRun } from '../domain/runbook-run.ts';
import { createApprovalStore } from './approval.ts';
import type { Database } from './database.ts';
import { type ArchivedHistory, createHistoryStore } from './history.ts';
import type { InboxStore } from './inbox.ts';
import type { Checkpoint } from './ledger-seal.ts';
import { checkpointsOf, proofOf } from './ledger-verify.ts';
import { entriesOf, type LedgerRow } from './ledger.ts';
import { createPlanStore, type PlanRow, type PlanStorage } from './operation-plan.ts';
import { createOutboxStore, type OutboxStorage } from './outbox.ts';
import { createReadinessStore } from './readiness.ts';
import { createReportStore, type StoredReport } from './report.ts';
import { createRunStore } from './runbook-run.ts';

export interface KeptOfPlan {
  plan: PlanRow['record'];
  content: Awaited<ReturnType<PlanStorage['content']>>;
  readiness: ReadinessReview | null;
  approvals: Approval[];
  runs: RunbookRun[];
  effects: Awaited<ReturnType<OutboxStorage['ofPlan']>>;
  reports: StoredReport[];
  entries: LedgerRow[];
  proof: Awaited<ReturnType<typeof proofOf>>;
  checkpoints: Checkpoint[];
  histories: ArchivedHistory[];
  historiesToCome: string[];
}

/** All that is kept of a plan, as of one moment: each thing stands beside the entries of the ledger that speak of it. */
export const keptOfPlan = (db: Database, inbox: Pick<InboxStore, 'acceptWithin'>, id: string): Promise<KeptOfPlan> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const plans = createPlanStore(tx);
      const histories = createHistoryStore(tx);
      const plan = (await plans.find(id))?.record ?? null;
      const review = plan?.readiness && (await createReadinessStore(tx).review(plan.readiness.review));
      const entries = await entriesOf(tx, { plan: id }, null);
      const places = entries
        .flatMap(({ sequence }) => (sequence === null ? [] : [Number(sequence)]))
        .toSorted((a, b) => a - b);
      return {
        plan,
        content: plan ? await plans.content(id, plan.revision) : undefined,
        readiness: review ?? null,
        approvals: await createApprovalStore(tx, inbox).ofPlan(id),
        runs: await createRunStore(tx).ofPlan(id),
        effects: await createOutboxStore(tx).ofPlan(id),
        reports: await createReportStore(tx).ofPlan(id),
        entries,
        proof: places.length === 0 ? undefined : await proofOf(tx, places[0]!, places.at(-1)!),
        checkpoints: await checkpointsOf(tx),
        histories: await histories.ofPlan(id),
        historiesToCome: await histories.missing(id),
      };
    });
