import type { Role } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { idOf, kindOf } from '../domain/identifiers.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from '../storage/database.ts';
import type { Stores } from '../workers/ports.ts';
import type { Access } from './access.ts';
import { exportedPlan } from './routes/operation-plan/export.ts';
import { visiblePlan } from './visibility.ts';

/** A record as far as routes of what hangs on it have to know it. */
export interface Visible {
  reference: Reference;
  workflowId: string;
  team: string;
}

/** What differs by kind of record where people ask for it. */
export interface RecordKind {
  /** Of the kind's routes, as in `/v1/operation-plans`, and of its operations, as in `exportPlan`. */
  plural: string;
  name: string;
  /** The record, for somebody who has at least this role where it belongs. Refuses everybody else. */
  visible(context: { stores: Stores }, id: string, access: Access, role?: Role): Promise<Visible>;
  /** What an export has of the record itself, beside what hangs on every record. */
  exported(tx: Database, id: string): Promise<Record<string, unknown>>;
}

export type RecordKinds = Readonly<Record<string, RecordKind>>;

/** Every kind of record, by the word that its references begin with. */
export const recordKinds = {
  plan: { plural: 'operation-plans', name: 'Plan', visible: visiblePlan, exported: exportedPlan },
} as const satisfies RecordKinds;

/** The record that something belongs to, for somebody who may see it. */
export const visibleRecord = (
  context: { stores: Stores; kinds: RecordKinds },
  reference: Reference,
  access: Access,
  role?: Role,
): Promise<Visible> => {
  const kind = context.kinds[kindOf(reference)];
  if (!kind) throw new DomainError('not-found', `there is no record ${reference}`);
  return kind.visible(context, idOf(reference), access, role);
};
