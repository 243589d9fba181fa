import { z } from 'zod';
import type { AlertRow, Indicator, ObjectiveDefinition } from './definition.ts';
import { product } from './decimal.rules.ts';
import { spanText } from './evaluate.ts';
import { slotQueriesOf } from './query.rules.ts';

const Rule = z.object({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).optional(),
});
type Rule = z.infer<typeof Rule>;

/** Rules for Prometheus, a group for each objective. */
export const PrometheusRules = z.object({
  groups: z.array(z.object({ name: z.string(), interval: z.string(), rules: z.array(Rule) })),
});
export type PrometheusRules = z.infer<typeof PrometheusRules>;

const [bad, total] = ['evenkeel:objective_bad:slot', 'evenkeel:objective_total:slot'];

/**
 * The objectives as rules for Prometheus: what each slot counted, and the same burn-rate alerts on it, so that these page on without
 * Evenkeel. A rule sees its slots from the day on which it is loaded.
 */
export const prometheusRulesOf = (objectives: readonly ObjectiveDefinition[]): PrometheusRules => ({
  groups: objectives.map((objective) => ({
    name: `evenkeel-${objective.name}`,
    interval: spanText(objective.slotMs),
    rules: [
      ...slotRules(objective),
      ...objective.rows.map((row) => alertRule(objective, row)),
      ...noDataRule(objective),
    ],
  })),
});

const slotRules = (objective: ObjectiveDefinition): Rule[] => {
  const labels = { objective: objective.name };
  const [counted, of] = unitsOf(objective, countsOf(objective.indicator, objective.slotMs));
  return [
    { record: bad, expr: counted, labels },
    { record: total, expr: of, labels },
  ];
};

/** What is bad, and of how much: as Evenkeel counts a slot. */
const countsOf = (indicator: Indicator, slotMs: number): [string, string] => {
  const { part, total: all = '' } = slotQueriesOf(indicator, slotMs);
  switch (indicator.kind) {
    case 'threshold':
      return [`1 - (sum(${part}) ${comparison[indicator.op]} bool ${indicator.value})`, `sum(${part}) * 0 + 1`];
    case 'raw': {
      const share = `clamp(sum(${part}), 0, 1)`;
      return [indicator.isSuccess ? `1 - ${share}` : share, `sum(${part}) * 0 + 1`];
    }
    case 'ratio': {
      // A series that nobody has written to counts nothing.
      const some = `clamp_min((sum(${part}) or sum(${all}) * 0), 0)`;
      const of = `(sum(${all}) > 0)`;
      return [indicator.part === 'bad' ? `${some} and ${of}` : `clamp_min(${of} - ${some}, 0)`, of];
    }
  }
};

const comparison = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** In the units of the budgeting method. */
const unitsOf = (
  { method, sliceTarget = 1 }: ObjectiveDefinition,
  [counted, of]: [string, string],
): [string, string] => {
  switch (method) {
    case 'Occurrences':
      return [counted, of];
    case 'Timeslices':
      return [`1 - ((1 - (${counted}) / ${of}) >= bool ${sliceTarget})`, `${of} * 0 + 1`];
    case 'RatioTimeslices':
      return [`(${counted}) / ${of}`, `${of} * 0 + 1`];
  }
};

const alertRule = (objective: ObjectiveDefinition, row: AlertRow): Rule => {
  const { name, service, title, budget, leastBad } = objective;
  const over = (series: string, windowMs: number): string =>
    `sum_over_time(${series}{objective="${name}"}[${spanText(windowMs)}])`;
  const sign = `${row.isBelow ? '<' : '>'}${row.isStrict ? '' : '='}`;
  const limit = product(row.factor, budget);
  const burns = row.windowsMs.map((windowMs) => `${over(bad, windowMs)} / ${over(total, windowMs)} ${sign} ${limit}`);
  const least = row.isBelow || leastBad === 0 ? [] : [`${over(bad, row.windowsMs[0]!)} >= ${leastBad}`];
  const window = spanText(row.windowsMs[0]!);
  return {
    alert: 'ErrorBudgetBurns',
    expr: [...burns, ...least].join(' and '),
    ...(row.afterMs > 0 && { for: spanText(row.afterMs) }),
    labels: { objective: name, service, severity: row.response === 'page' ? 'critical' : 'warning', window },
    annotations: {
      summary: `The error budget of ${name} burns ${row.isBelow ? 'slower' : 'faster'} than ${Number(row.factor.toPrecision(4))} times over ${window}`,
      description: title,
    },
  };
};

const noDataRule = ({ name, service, noDataAfterMs }: ObjectiveDefinition): Rule[] =>
  noDataAfterMs === undefined
    ? []
    : [
        {
          alert: 'ErrorBudgetUnknown',
          expr: `absent_over_time(${total}{objective="${name}"}[${spanText(noDataAfterMs)}])`,
          labels: { objective: name, service, severity: 'warning' },
          annotations: { summary: `There is no data of ${name}` },
        },
      ];
