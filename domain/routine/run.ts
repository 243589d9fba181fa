import { z } from 'zod';
import { Actor } from '../actor.ts';
import { sha256, uuidOf } from '../digest.ts';
import { milliseconds } from '../duration.ts';
import type { RoutineSpec } from '../routine.ts';
import { RoutineKind } from './kind.ts';
import type { Slot } from './slot.ts';

/** What became of a time for one service in one environment. The last four never change again. */
export const RoutineRunStatus = z.enum(['due', 'opened', 'completed', 'failed', 'skipped', 'missed']);
export type RoutineRunStatus = z.infer<typeof RoutineRunStatus>;

export const RoutineRun = z.object({
  id: z.uuid(),
  routine: z.string(),
  team: z.string(),
  kind: RoutineKind,
  dueAt: z.string(),
  /** When its plan opens: later than it is due by its share of the jitter. */
  opensAt: z.string(),
  service: z.string().nullable().meta({ description: 'None where the routine selected no service' }),
  environment: z.string().nullable(),
  status: RoutineRunStatus,
  why: z.string().nullable().meta({ description: 'Why it is not completed' }),
  plan: z.string().nullable(),
  orderedBy: Actor.nullable().meta({ description: 'Whoever did not wait for its time' }),
  endedAt: z.string().nullable(),
});
export type RoutineRun = z.infer<typeof RoutineRun>;

/** A run on its way into the inbox: what it is of is in PostgreSQL alone, or is selected when it is delivered. */
export type RoutineFact = { run: string } | RoutineOrder;

/** A run that somebody does not want to wait for. */
export interface RoutineOrder {
  routine: string;
  service?: string | undefined;
  environment?: string | undefined;
}

export type Place = { service: string; environment: string };

/** One for each service and environment of a routine. */
export const placesOf = (services: readonly string[], environments: readonly string[]): Place[] =>
  services.flatMap((service) => environments.map((environment) => ({ service, environment })));

type Described = Pick<RoutineRun, 'routine' | 'team' | 'kind'>;

/** The runs of a time: one for each place, or one without where there is none. A run has its id, and its share of the jitter, by what it is of. */
export const runsOf = (
  name: string,
  { owner: team, kind, jitter }: Pick<RoutineSpec, 'owner' | 'kind' | 'jitter'>,
  { dueAt, becomes, why }: Slot,
  places: readonly Place[],
): RoutineRun[] => {
  const described: Described = { routine: name, team, kind };
  const at = new Date(dueAt).toISOString();
  if (places.length === 0) {
    const status = becomes === 'due' ? 'skipped' : becomes;
    return [newRun(described, at, undefined, { status, why: why ?? `it selects no service of team ${team}` })];
  }
  return places.map((place) => {
    const shareMs = jitter === undefined ? 0 : shareOf([name, place.service, place.environment]) * milliseconds(jitter);
    const opensAt = new Date(dueAt + Math.floor(shareMs)).toISOString();
    return newRun(described, at, place, { opensAt, status: becomes, why: why ?? null });
  });
};

const newRun = (
  described: Described,
  dueAt: string,
  place: Place | undefined,
  more: Partial<RoutineRun> & Pick<RoutineRun, 'status'>,
): RoutineRun => ({
  ...described,
  id: uuidOf(`routine-run\n${described.routine}\n${dueAt}\n${place?.service ?? ''}\n${place?.environment ?? ''}`),
  dueAt,
  opensAt: dueAt,
  service: place?.service ?? null,
  environment: place?.environment ?? null,
  why: null,
  plan: null,
  orderedBy: null,
  endedAt: isFinal(more.status) ? dueAt : null,
  ...more,
});

/** A run that somebody has ordered, once for each order and place. */
export const orderedRun = (
  order: { id: string; receivedAt: string; actor: Actor },
  described: Described,
  place: Place,
): RoutineRun => ({
  ...newRun(described, order.receivedAt, place, { status: 'due' }),
  id: uuidOf(`routine-run\n${order.id}\n${place.service}\n${place.environment}`),
  orderedBy: order.actor,
});

const isFinal = (status: RoutineRunStatus): boolean => status !== 'due' && status !== 'opened';

/** From 0 to less than 1, always the same for the same words. */
const shareOf = (words: readonly string[]): number =>
  Number.parseInt(sha256(words.join('\n')).slice(0, 8), 16) / 2 ** 32;
