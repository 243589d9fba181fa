import { nextSlot } from '../../domain/calendar.ts';
import type { PlanContent } from '../../domain/operation-plan/content.ts';
import type { ActivityPorts } from '../ports.ts';

/** A slot of the maintenance window, or why there is none. Instants in milliseconds. */
export type Slot = { startAt: number } | { none: string };

/** When work of this length may begin, inside the plan's window and from `at` on. */
export const slotOf = async (
  { catalogue }: Pick<ActivityPorts, 'catalogue'>,
  { window: name, catalogueRevision }: Pick<PlanContent, 'window' | 'catalogueRevision'>,
  at: number,
  needMs: number,
): Promise<Slot> => {
  if (name === undefined) return { startAt: at };
  const window = await catalogue.find('MaintenanceWindow', name, catalogueRevision);
  if (!window) return { none: `there is no maintenance window ${name}` };
  const startAt = nextSlot(window, at, needMs);
  return startAt !== undefined
    ? { startAt }
    : { none: `${name} has no opening of ${Math.ceil(needMs / 60_000)} min in 90 days` };
};
