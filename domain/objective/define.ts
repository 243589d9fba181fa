import { digestOf } from '../digest.ts';
import type { SLOSpec } from '../objective.ts';
import type { Lookup } from '../catalogue/lookup.ts';
import type { AlertConditionSpec, AlertPolicySpec } from './alert-policy.ts';
import { noDataAfterMs, usualRows } from './burn.rules.ts';
import { budgetOf, shareOf } from './decimal.rules.ts';
import type { AlertRow, Indicator, ObjectiveDefinition } from './definition.ts';
import type { Metric, SLISpec } from './indicator.ts';
import { spanMs } from './open-slo.ts';
import { nameOfObjective } from './name.rules.ts';
import { lengthAt } from './window.ts';

type Catalogue = Pick<Lookup, 'find' | 'of'>;

/**
 * The objectives of an SLO as they are measured. Undefined where a document that it names is not there: `apply` refuses that,
 * but what is there may have been applied before. Windows of a calendar have the length that they have now (milliseconds).
 */
export const objectivesOf = (
  { name, spec }: { name: string; spec: SLOSpec },
  catalogue: Catalogue,
  now: number,
): ObjectiveDefinition[] => {
  const sli = spec.indicator?.spec ?? catalogue.find('SLI', spec.indicatorRef);
  const team = catalogue.find('Service', spec.service)?.owner;
  const source = sli && sourceOf(sli, catalogue);
  if (!sli || !source || team === undefined) return [];
  const window = spec.timeWindow[0]!;
  const policies = policiesOf(spec, catalogue);
  return spec.objectives.map((objective, at): ObjectiveDefinition => {
    const target = objective.target ?? shareOf(objective.targetPercent!);
    const budget = budgetOf(target);
    const indicator = indicatorOf(sli, objective);
    const slotMs = objective.timeSliceWindow === undefined ? 60_000 : spanMs(objective.timeSliceWindow);
    const { budgetingMethod: method } = spec;
    const sliceTarget = objective.timeSliceTarget;
    const rows = policies ? rowsOf(policies, catalogue) : usualRows(lengthAt(window, now), budget);
    const wantsNoData = policies === undefined || policies.some(({ alertWhenNoData }) => alertWhenNoData);
    return {
      name: nameOfObjective(name, at),
      slo: name,
      title: objective.displayName ?? spec.displayName ?? name,
      service: spec.service,
      team,
      target,
      budget,
      method,
      slotMs,
      sliceTarget,
      window,
      indicator,
      source,
      series: digestOf({ indicator, source, method, slotMs, sliceTarget }).slice(0, 32),
      rows,
      leastBad: leastBadOf(spec, indicator),
      noDataAfterMs: wantsNoData && rows[0] ? noDataAfterMs(rows[0], budget) : undefined,
    };
  });
};

/** So many bad events are no accident, unless the document says another number. */
const usualLeastBad = 5;
export const leastBadAnnotation = 'evenkeel/least-bad-events';

/** Slices and samples are counted by the clock, so that one of them is as much as any other. */
const leastBadOf = ({ annotations, budgetingMethod }: SLOSpec, { kind }: Indicator): number => {
  const written = Number(annotations?.[leastBadAnnotation]);
  if (written >= 1) return written;
  return budgetingMethod === 'Occurrences' && kind === 'ratio' ? usualLeastBad : 0;
};

/** Where all the metrics of an SLI are asked for; undefined where they name none, and there is not exactly one. */
export const sourceOf = (sli: SLISpec, catalogue: Catalogue): ObjectiveDefinition['source'] | undefined => {
  const names = new Set(metricsOf(sli).map(({ metricSource }) => metricSource.metricSourceRef));
  const all = catalogue.of('DataSource');
  const [name = all.length === 1 ? all[0]!.name : undefined] = names;
  const found = names.size === 1 ? catalogue.find('DataSource', name) : undefined;
  return found && name !== undefined ? { name, ...found.connectionDetails } : undefined;
};

export const metricsOf = ({ thresholdMetric, ratioMetric }: SLISpec): Metric[] =>
  [thresholdMetric, ratioMetric?.good, ratioMetric?.bad, ratioMetric?.total, ratioMetric?.raw].flatMap(
    (metric) => metric ?? [],
  );

const queryOf = (metric: Metric | undefined): string => metric?.metricSource.spec.query ?? '';

const indicatorOf = (
  { thresholdMetric, ratioMetric }: SLISpec,
  objective: SLOSpec['objectives'][number],
): Indicator => {
  if (thresholdMetric)
    return {
      kind: 'threshold',
      query: queryOf(thresholdMetric),
      op: objective.op ?? 'lte',
      value: objective.value ?? 0,
    };
  if (ratioMetric?.raw)
    return { kind: 'raw', isSuccess: ratioMetric.rawType === 'success', query: queryOf(ratioMetric.raw) };
  return {
    kind: 'ratio',
    counter: ratioMetric?.counter ?? false,
    part: ratioMetric?.good ? 'good' : 'bad',
    query: queryOf(ratioMetric?.good ?? ratioMetric?.bad),
    total: queryOf(ratioMetric?.total),
  };
};

/** The alert policies that an SLO names; undefined where it says nothing of alerts, so that the usual table counts. */
const policiesOf = ({ alertPolicies }: SLOSpec, catalogue: Catalogue): AlertPolicySpec[] | undefined =>
  alertPolicies?.flatMap((one) =>
    'alertPolicyRef' in one ? (catalogue.find('AlertPolicy', one.alertPolicyRef) ?? []) : one.spec,
  );

/** Conditions of policies that alert while they hold. */
export const conditionsOf = (
  { alertWhenBreaching, conditions }: AlertPolicySpec,
  catalogue: Catalogue,
): AlertConditionSpec[] =>
  alertWhenBreaching
    ? conditions.flatMap((one) =>
        'conditionRef' in one ? (catalogue.find('AlertCondition', one.conditionRef) ?? []) : one.spec,
      )
    : [];

/** A policy has one window: those of one severity, comparison and threshold have to hold together. */
const rowsOf = (policies: readonly AlertPolicySpec[], catalogue: Catalogue): AlertRow[] => {
  const conditions = policies.flatMap((policy) => conditionsOf(policy, catalogue));
  const together = Object.values(
    Object.groupBy(
      conditions,
      ({ severity, condition }) => `${responseOf(severity)} ${condition.op} ${condition.threshold}`,
    ),
  );
  return together.map((group = []): AlertRow => {
    const [first] = group;
    const { op, threshold } = first!.condition;
    return {
      response: responseOf(first!.severity),
      windowsMs: [...new Set(group.map(({ condition }) => spanMs(condition.lookbackWindow)))].toSorted((a, b) => b - a),
      factor: threshold,
      isStrict: op === 'gt' || op === 'lt',
      isBelow: op === 'lt' || op === 'lte',
      afterMs: Math.max(
        ...group.map(({ condition: { alertAfter } }) => (alertAfter === '0m' ? 0 : spanMs(alertAfter))),
      ),
    };
  });
};

const responseOf = (severity: string): AlertRow['response'] =>
  /^(?:page|critical|high|error|p1|sev1)$/i.test(severity) ? 'page' : 'ticket';
