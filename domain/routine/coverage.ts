import { z } from 'zod';
import type { Document } from '../document.ts';
import { RoutineKind } from './kind.ts';
import { servicesOf } from './selection.ts';

/** How often each kind is to be done, in days: those whose time comes by the calendar. A quarter has up to 92. */
export const cadences = {
  'runbook-drill': 90,
  'backup-verification': 1,
  'restore-test': 180,
  'failover-test': 180,
  'dr-exercise': 365,
  'security-scan': 7,
  'pen-test': 365,
  patching: 30,
  'access-review': 90,
  'capacity-review': 30,
  'compliance-evidence': 92,
} as const satisfies Partial<Record<RoutineKind, number>>;

/** Nothing is there; all that is there is paused; nothing has succeeded yet; the last success is older than the cadence; it is not. */
export const Coverage = z.enum(['none', 'paused', 'unproven', 'late', 'proven']);
export type Coverage = z.infer<typeof Coverage>;

export const ServiceCoverage = z.object({
  service: z.string(),
  team: z.string(),
  kind: RoutineKind,
  everyDays: z.int(),
  coverage: Coverage,
  routines: z.array(z.string()),
  lastSuccessAt: z.string().nullable(),
});
export type ServiceCoverage = z.infer<typeof ServiceCoverage>;

/** The last success of a kind for a service; ISO 8601. */
export interface Success {
  service: string;
  kind: string;
  at: string;
}

const dayMs = 86_400_000;

/** For each service and each kind with a cadence: whether a routine sees to it, and whether that has succeeded lately. `now` is in milliseconds. */
export const coverageOf = (
  services: readonly Document<'Service'>[],
  routines: readonly (Pick<Document<'Routine'>, 'name' | 'spec'> & { isPaused: boolean })[],
  successes: readonly Success[],
  now: number,
): ServiceCoverage[] => {
  const selected = routines.map((routine) => ({ ...routine, services: new Set(servicesOf(routine.spec, services)) }));
  const last = new Map(successes.map(({ service, kind, at }) => [`${service} ${kind}`, at]));
  return services.flatMap(({ name: service, spec: { owner: team } }) =>
    Object.entries(cadences).map(([key, everyDays]): ServiceCoverage => {
      const kind = RoutineKind.parse(key);
      const its = selected.filter(({ spec, services: some }) => spec.kind === kind && some.has(service));
      const lastSuccessAt = last.get(`${service} ${kind}`) ?? null;
      const isLate = lastSuccessAt !== null && now - Date.parse(lastSuccessAt) > everyDays * dayMs;
      const proven = lastSuccessAt === null ? 'unproven' : isLate ? 'late' : 'proven';
      const coverage = its.length === 0 ? 'none' : its.every(({ isPaused }) => isPaused) ? 'paused' : proven;
      return { service, team, kind, everyDays, coverage, routines: its.map(({ name }) => name), lastSuccessAt };
    }),
  );
};
