import { z } from 'zod';
import { Actor } from './actor.ts';
import { ImprovementSignal } from './improvement-signal.ts';
import { Figures, MetricName, Period, Scope, Unit } from './metric.ts';
import { Severity } from './severity.ts';

/** What somebody asks a report of, or a schedule does each month. */
export const ReportOrder = z.strictObject({
  scope: Scope,
  period: Period,
  /** To the stakeholders and the team; else to whoever ordered it alone. */
  isSent: z.boolean(),
});
export type ReportOrder = z.infer<typeof ReportOrder>;

/** A report that was asked for. Kept by PostgreSQL, so that no message can say otherwise. */
export const ReportCommission = ReportOrder.extend({
  id: z.string(),
  orderedBy: Actor,
  orderedAt: z.string(),
  team: z.string().optional(),
});
export type ReportCommission = z.infer<typeof ReportCommission>;

const Verdict = z.enum(['better', 'worse', 'changed', 'not-distinguishable', 'inconclusive']);

/** A figure of the report: the record that has it, and what can be said against the period before. */
const ReportedFigure = z.strictObject({
  metric: MetricName,
  unit: Unit,
  /** Absent where the period lasts still: then nothing is kept. */
  record: z.string().optional(),
  revision: z.int().optional(),
  figures: Figures,
  before: z.number().nullable(),
  verdict: Verdict,
});
export type ReportedFigure = z.infer<typeof ReportedFigure>;

const ReportedIncident = z.strictObject({
  number: z.int(),
  title: z.string(),
  severity: Severity,
  service: z.string().optional(),
  detectedAt: z.string(),
  minutes: z.number().nullable().meta({ description: 'For which users felt it' }),
});

const ReportedProblem = z.strictObject({
  number: z.int(),
  title: z.string(),
  status: z.string(),
  owner: z.string().optional(),
  /** Actions that are not done, and of those the late ones. */
  openActions: z.int(),
  lateActions: z.int(),
  verdict: z.string().optional(),
});

/** What the charts draw. */
const Charts = z.strictObject({
  /** Incidents by day or week, from the beginning of the period on. */
  trend: z.array(z.strictObject({ from: z.string(), count: z.int() })),
  /** Incidents by weekday (Monday first) and hour, in UTC. */
  heat: z.array(z.array(z.int()).length(24)).length(7),
  /** Mean minutes of each phase from impact to resolution. */
  phases: z.array(z.strictObject({ name: z.string(), minutes: z.number().nullable(), n: z.int() })),
});

const Budget = z.strictObject({
  objective: z.string(),
  target: z.number(),
  used: z.number().meta({ description: 'Of the error budget: 1 is all of it' }),
  /** Share of the budget that was left, by day. */
  left: z.array(z.strictObject({ at: z.string(), left: z.number() })),
});

/** A report: everything that it says, so that it is rendered the same for ever. */
export const PerformanceReport = ReportCommission.extend({
  title: z.string(),
  writtenAt: z.string(),
  figures: z.array(ReportedFigure),
  budgets: z.array(Budget),
  incidents: z.array(ReportedIncident),
  /** What came again, by what makes it the same. */
  repeats: z.array(z.strictObject({ what: z.string(), incidents: z.array(z.int()) })),
  problems: z.array(ReportedProblem),
  changes: z.strictObject({ deployments: z.int(), failed: z.array(z.string()) }),
  expiring: z.array(z.strictObject({ what: z.string(), reason: z.string(), expiresAt: z.string() })),
  signals: z.array(ImprovementSignal),
  charts: Charts,
});
export type PerformanceReport = z.infer<typeof PerformanceReport>;
