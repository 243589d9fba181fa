import { z } from 'zod';
import type { Document } from '../../../domain/document.ts';
import { DomainError } from '../../../domain/errors.ts';
import { Name } from '../../../domain/name.ts';
import { RoutineRunStatus } from '../../../domain/routine/run.ts';
import { dueBetween } from '../../../domain/routine/slot.ts';
import { RoutineKind } from '../../../domain/routine/kind.ts';
import type { RoutineSpec } from '../../../domain/routine.ts';
import type { Role } from '../../../domain/actor.ts';
import type { RoutineStanding } from '../../../storage/routine-list.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';

const Paused = z.object({
  by: z.string().nullable().meta({ description: 'Nobody, where its document says so' }),
  at: z.string().nullable(),
  reason: z.string(),
});

export const ShownRoutine = z.object({
  name: Name,
  description: z.string(),
  team: Name,
  kind: RoutineKind,
  cron: z.string(),
  zone: z.string(),
  template: Name,
  paused: Paused.nullable(),
  nextDueAt: z.string().nullable().meta({ description: 'None while it is paused' }),
  last: z
    .object({ dueAt: z.string(), status: RoutineRunStatus })
    .nullable()
    .meta({ description: 'What became of the newest time' }),
});
export type ShownRoutine = z.infer<typeof ShownRoutine>;

const longestMs = 5 * 366 * 86_400_000;

export const pausedIn = (spec: RoutineSpec, standing: RoutineStanding | undefined): ShownRoutine['paused'] => {
  if (standing?.paused) {
    const { by, at, reason } = standing.paused;
    return { by: by.name, at, reason };
  }
  return spec.paused ? { by: null, at: null, reason: 'its document says that it is paused' } : null;
};

export const shownOf = (
  { name, spec }: Pick<Document<'Routine'>, 'name' | 'spec'>,
  standing: RoutineStanding | undefined,
  now: number,
): ShownRoutine => {
  const { description, owner: team, kind, cron, zone, template } = spec;
  const paused = pausedIn(spec, standing);
  const [next] = paused === null ? dueBetween(spec, now, now + longestMs, 1) : [];
  const { lastDueAt: dueAt = null, lastStatus: status = null } = standing ?? {};
  return {
    name,
    description,
    team,
    kind,
    cron,
    zone,
    template,
    paused,
    nextDueAt: next === undefined ? null : new Date(next).toISOString(),
    last: dueAt === null || status === null ? null : { dueAt, status },
  };
};

/** A routine, for somebody who has at least this role in the team that owns it. */
export const routineFor = async (
  { recent }: Pick<Context, 'recent'>,
  access: Access,
  role: Role,
  name: string,
): Promise<RoutineSpec> => {
  const spec = await recent.find('Routine', name);
  if (!spec) throw new DomainError('not-found', `there is no routine ${name}`);
  access.demand(role, spec.owner, `routine ${name}`);
  return spec;
};
