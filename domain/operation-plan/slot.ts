import { z } from 'zod';
import { nextSlot } from '../calendar.ts';
import type { CatalogueStore } from '../ports.ts';
import type { PlanContent } from './content.ts';

/** A slot of the maintenance window, or why there is none. Instants in milliseconds. */
export type Slot = { startAt: number } | { none: string };

/** When work of this length may begin, inside the plan's window and from `at` on. */
export const slotOf = async (
  { catalogue }: { catalogue: Pick<CatalogueStore, 'find'> },
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

/** When the work begins if it is approved now: by its window, or at once where it has none. */
export const PlannedStart = z.union([
  z.strictObject({ window: z.string(), earliestAt: z.string() }),
  z.strictObject({ window: z.string(), none: z.string() }),
  z.strictObject({ window: z.null() }),
]);
export type PlannedStart = z.infer<typeof PlannedStart>;

export const plannedStartOf = async (
  ports: Parameters<typeof slotOf>[0],
  content: Pick<PlanContent, 'window' | 'catalogueRevision' | 'needMs'>,
  at: number,
): Promise<PlannedStart> => {
  const { window, needMs } = content;
  if (window === undefined) return { window: null };
  const slot = await slotOf(ports, content, at, needMs);
  return 'none' in slot ? { window, none: slot.none } : { window, earliestAt: new Date(slot.startAt).toISOString() };
};
