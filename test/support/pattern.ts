import type { IncidentProfile } from '../../domain/insight/profile.ts';
import type { PatternEvidence } from '../../domain/pattern/evidence.ts';
import { type ProblemPolicySpec, usualProblemPolicy } from '../../domain/problem-policy.ts';

/** The end of the period in which stories look for patterns, and days before and after it, in milliseconds. */
export const until = Date.UTC(2026, 5, 29);
const dayMs = 86_400_000;
export const dayOf = (day: number): number => until + day * dayMs;

let number = 0;
/** An incident of a service so many days before the end of the period. */
export const profile = (day: number, more: Partial<IncidentProfile> = {}): IncidentProfile => ({
  number: (number += 1),
  at: new Date(dayOf(-day)).toISOString(),
  team: 'shop',
  isPrivate: false,
  service: 'web',
  words: ['pool', 'empty'],
  templates: [{ id: 1, text: 'Pool <*> is empty' }],
  alerts: [],
  objectives: [],
  causes: [],
  cluster: 'service/web/template/1',
  ...more,
});

/** Four weeks, of which only this happened. */
export const patternEvidence = (
  profiles: readonly IncidentProfile[],
  { policy = {}, ...more }: Partial<PatternEvidence> & { policy?: Partial<ProblemPolicySpec> } = {},
): PatternEvidence => ({
  period: { from: dayOf(-28), until },
  since: dayOf(-400),
  profiles: profiles.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  observations: new Map(),
  plans: [],
  plansOfIncidents: new Set(),
  alerts: [],
  problems: new Map(),
  policyOf: () => ({ ...usualProblemPolicy, ...policy }),
  ...more,
});
