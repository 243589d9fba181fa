import { type Command, Option } from 'commander';
import type { ShownComparison, ShownMetric } from '../api/routes/metric.ts';
import { amountText, casesText, intervalText, periodText, scopeText } from '../domain/metric/text.rules.ts';
import { route } from './api.ts';
import { facts, plain, short, table, when } from './print.ts';
import type { Session } from './session.ts';
import { scopeOf } from './verb.ts';

type Asked = Record<string, string>;

interface Defined {
  name: string;
  unit: string;
  better: string;
  meaning: string;
  misleads: string;
}
interface Inputs {
  hash: string;
  figures: ShownMetric['figures'];
  items: { id: string; value: number; class?: string }[];
}

/** `evenkeel metrics`: what happened, in figures. */
export function addMetric(program: Command, session: Session): void {
  const metrics = program
    .command('metrics')
    .description('metrics: what operations came to, in figures that say how sure they are');

  metrics
    .command('list')
    .description('lists the metrics that there are, what each means, and when it misleads')
    .action(async () =>
      session.show(await session.api.get<{ items: Defined[] }>('/v1/metrics'), ({ items }) =>
        table(
          ['metric', 'unit', 'better', 'meaning'],
          items.map(({ name, unit, better, meaning }) => [name, unit, better, short(meaning, 90)]),
        ),
      ),
    );

  scopeOf(metrics.command('show [metric]'))
    .description('shows a metric with all that it stands on; without a name, all of them')
    .addOption(new Option('--inputs', 'lists what the metric comes from instead'))
    .action(async (metric: string | undefined, { inputs, ...query }: Asked & { inputs?: true }) => {
      if (metric === undefined)
        return session.show(
          await session.api.get<{ items: ShownMetric[] }>('/v1/performance-records', query),
          ({ items }) => metricsText(items),
        );
      const path = route`/v1/metrics/${metric}`;
      if (inputs) return session.show(await session.api.get<Inputs>(`${path}/inputs`, query), inputsText);
      session.show(await session.api.get<ShownMetric>(path, query), metricText);
    });

  scopeOf(metrics.command('compare <metric>'))
    .description('compares a metric with the period before, and says whether they can be told apart')
    .option('--with <period>', 'another earlier period, such as 2026-09')
    .action(async (metric: string, query: Asked) =>
      session.show(
        await session.api.get<ShownComparison>(`${route`/v1/metrics/${metric}`}/comparison`, query),
        comparisonText,
      ),
    );
}

const metricsText = (records: readonly ShownMetric[]): string => {
  const [first] = records;
  if (!first) return 'none';
  const rows = records.map(({ metric, figures, unit }) => [
    metric,
    amountText(figures.value, unit),
    intervalText(figures, unit),
    casesText(figures),
    plain(figures.why ?? ''),
  ]);
  return [
    `${scopeText(first.scope)}, ${periodText(first.period)}`,
    table(['metric', 'value', 'with 95 %', 'cases', 'note'], rows),
  ].join('\n');
};

const metricText = ({ metric, unit, scope, period, figures, leftOut, sources, hash, ...kept }: ShownMetric): string => {
  const { value, why, summary, interval, open, trend, parts = [], policy, numerator, denominator } = figures;
  const text = (amount: number | null | undefined) => (amount === undefined ? undefined : amountText(amount, unit));
  return [
    `${metric} of ${scopeText(scope)}, ${periodText(period)}: ${amountText(value, unit)}`,
    facts([
      ['note', why && plain(why)],
      ['cases', casesText(figures)],
      [
        'of',
        numerator === undefined || denominator === undefined
          ? undefined
          : `${round(numerator)} / ${round(denominator)}`,
      ],
      ['with 95 %', interval && `${intervalText(figures, unit)} (${interval.method})`],
      ['values', figures.values?.map((some) => amountText(some, unit)).join(', ')],
      ['median', text(summary?.median ?? undefined)],
      [
        '90 % below',
        summary?.p90 === null || summary === undefined ? undefined : `${text(summary.p90)} (${summary.percentiles})`,
      ],
      ['geometric mean', text(summary?.geometricMean ?? undefined)],
      ['open still', open && `${open.n}; median with them ${amountText(open.median, unit)} (Kaplan-Meier)`],
      ['trend', trend && `Mann-Kendall p ${trend.p.toFixed(4)}, S ${trend.s}`],
      ...parts.map((part): [string, string] => [part.name, `${amountText(part.value, unit)} (${part.n})`]),
      ['left out', leftOut.map((some) => `${some.n} ${some.why}`).join(', ')],
      ['policy', policy && plain(policy)],
      ...sources.map(({ name, freshAt }): [string, string | undefined] => [
        name,
        freshAt === null ? undefined : when(freshAt),
      ]),
      ['record', kept.id && `${kept.id}, revision ${kept.revision}`],
      ['hash', hash],
    ]),
  ].join('\n');
};

const inputsText = ({ items, hash, figures }: Inputs): string =>
  [
    table(
      ['input', 'value', 'class'],
      items.map(({ id, value, class: of = '' }) => [plain(id), String(round(value)), plain(of)]),
    ),
    `${casesText(figures)} cases; hash ${hash}`,
  ].join('\n');

const comparisonText = ({
  metric,
  unit,
  scope,
  before,
  after,
  verdict,
  difference,
  interval,
  p,
  why,
}: ShownComparison): string => {
  const shown = ({ period, figures }: ShownComparison['before']) =>
    `${amountText(figures.value, unit)} (${casesText(figures)} cases, ${periodText(period)})`;
  return [
    `${metric} of ${scopeText(scope)}: ${verdict.replaceAll('-', ' ')}`,
    facts([
      ['before', shown(before)],
      ['after', shown(after)],
      ['difference', difference === null ? undefined : amountText(difference, unit)],
      ['with 95 %', interval && `${amountText(interval.low, unit)} to ${amountText(interval.high, unit)}`],
      ['p', p?.toFixed(4)],
      ['why', plain(why)],
    ]),
  ].join('\n');
};

const round = (value: number): number => Number(value.toFixed(3));
