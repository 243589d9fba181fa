import type { Role } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { idOf, kindOf } from '../domain/identifiers.ts';
import type { PlannedStart } from '../domain/operation-plan/slot.ts';
import type { Reference } from '../domain/reference.ts';
import type { RunbookSpec } from '../domain/runbook.ts';
import type { Database } from '../storage/database.ts';
import type { RecordRow } from '../storage/record.ts';
import type { Stores } from '../workers/ports.ts';
import type { Access } from './access.ts';

/** A runbook that is to run for a record. */
export interface OrderedRunbook {
  name: string;
  spec: RunbookSpec;
}

/** A record as far as routes of what hangs on it have to know it. */
export type Visible = Pick<RecordRow, 'reference' | 'workflowId' | 'team'>;

/** How a kind of record is shown: what differs by kind where people ask for one. */
export interface RecordView {
  /** Of the kind's routes, as in `/v1/operation-plans`, and of its operations, as in `exportPlan`. */
  plural: string;
  name: string;
  /** The record, for somebody who has at least this role where it belongs. Refuses everybody else. */
  visible(context: { stores: Stores }, id: string, access: Access, role?: Role): Promise<Visible>;
  /** Who executes the record by now, by what people have said. */
  executors(context: { stores: Stores }, id: string): Promise<string[]>;
  /** When the work with this digest begins if it is approved now; undefined where no start is planned. */
  plannedStart(context: { stores: Stores }, id: string, digest: string): Promise<PlannedStart | undefined>;
  /** The runbook with this digest that somebody ordered for the record, as it was then; undefined where it is none. */
  ordered(context: { stores: Stores }, id: string, digest: string): Promise<OrderedRunbook | undefined>;
  /** What an export has of the record itself, beside what hangs on every record. */
  exported(tx: Database, id: string): Promise<Record<string, unknown>>;
}

/** By the word that references of the kind begin with. */
export type RecordViews = Readonly<Record<string, RecordView>>;

/** The record that something belongs to, for somebody who may see it. */
export const visibleRecord = (
  context: { stores: Stores; views: RecordViews },
  reference: Reference,
  access: Access,
  role?: Role,
): Promise<Visible> => {
  const { view, id } = viewOf(context.views, reference);
  return view.visible(context, id, access, role);
};

/** How the record is shown, and its id. */
export const viewOf = (views: RecordViews, reference: Reference): { view: RecordView; id: string } => {
  const view = views[kindOf(reference)];
  if (!view) throw new DomainError('not-found', `there is no record ${reference}`);
  return { view, id: idOf(reference) };
};
