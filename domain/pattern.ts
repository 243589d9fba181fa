import { z } from 'zod';
import { Actor } from './actor.ts';
import { Period, Scope } from './metric.ts';
import { ProblemRule } from './problem-policy.ts';

/** What somebody, or a schedule each day, has looked for. */
export const PatternOrder = z.strictObject({
  scope: Scope,
  period: Period,
  /** Problems open of what is found; else it is said alone. */
  opens: z.boolean(),
});
export type PatternOrder = z.infer<typeof PatternOrder>;

/** A run that was asked for. Kept by PostgreSQL, so that no message can say otherwise. */
export const PatternCommission = PatternOrder.extend({
  id: z.string(),
  orderedBy: Actor,
  orderedAt: z.string(),
  team: z.string().optional(),
});
export type PatternCommission = z.infer<typeof PatternCommission>;

const figure = z.number().optional();

/** Something that keeps happening, with all that says so. */
export const Pattern = z.strictObject({
  /** What it is about: one problem at a time is open for it. */
  pattern: z.string(),
  rule: ProblemRule,
  title: z.string(),
  team: z.string(),
  service: z.string().optional(),
  /** The time that it was found in. */
  window: Period,
  /** The incidents that show it, the first at first. */
  incidents: z.array(z.int()),
  /** How much there was, and how much was to be expected, in the unit of its rule. */
  count: z.number(),
  expected: figure,
  /** Chance of as much where there is nothing; and how many such tests it is one of. */
  p: figure,
  tests: z.int().optional(),
  /** More from week to week. */
  slope: figure,
  why: z.string(),
  /** The open problem that it belongs to already. */
  problem: z.int().optional(),
});
export type Pattern = z.infer<typeof Pattern>;

/** What a run has found; the same past has the same patterns. */
export const PatternRun = PatternCommission.extend({
  foundAt: z.string(),
  /** Incidents that were looked at, those before the period among them. */
  incidents: z.int(),
  patterns: z.array(Pattern),
  /** Rules that could say nothing, and why. */
  inconclusive: z.array(z.strictObject({ rule: z.string(), why: z.string() })),
  /** Of what was found: the same where the same was. */
  hash: z.string(),
});
export type PatternRun = z.infer<typeof PatternRun>;
