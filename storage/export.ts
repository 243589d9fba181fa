import type { Reference } from '../domain/reference.ts';
import { createApprovalStore } from './approval.ts';
import type { Database } from './database.ts';
import { createHistoryStore } from './history.ts';
import type { InboxStore } from './inbox.ts';
import { checkpointsOf, proofOf } from './ledger-verify.ts';
import { entriesOf } from './ledger.ts';
import { createOutboxStore } from './outbox.ts';
import { createReportStore } from './report.ts';
import { createRunStore } from './runbook-run.ts';

/**
 * All that is kept of a record, as of one moment: each thing stands beside the entries of the ledger that speak of it.
 * `own` reads what the record's kind keeps besides, as of the same moment.
 */
export const keptOf = <Own>(
  db: Database,
  inbox: Pick<InboxStore, 'acceptWithin'>,
  reference: Reference,
  own: (tx: Database) => Promise<Own>,
) =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const histories = createHistoryStore(tx);
      const entries = await entriesOf(tx, { belongsTo: reference }, null);
      const places = entries.flatMap(({ sequence }) => sequence ?? []).toSorted((a, b) => a - b);
      return {
        own: await own(tx),
        approvals: await createApprovalStore(tx, inbox).of(reference),
        runs: await createRunStore(tx).of(reference),
        effects: await createOutboxStore(tx).of(reference),
        reports: await createReportStore(tx).of(reference),
        entries,
        proof: places.length === 0 ? undefined : await proofOf(tx, places[0]!, places.at(-1)!),
        checkpoints: await checkpointsOf(tx),
        histories: await histories.of(reference),
        historiesToCome: await histories.missing(reference),
      };
    });
