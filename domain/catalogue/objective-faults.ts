import type { Document } from '../document.ts';
import { thresholdFaults } from '../objective.ts';
import { canFire } from '../objective/burn.rules.ts';
import { budgetOf, shareOf } from '../objective/decimal.rules.ts';
import { conditionsOf, metricsOf, objectivesOf, sourceOf } from '../objective/define.ts';
import type { SLISpec } from '../objective/indicator.ts';
import { isCountable } from '../objective/query.rules.ts';
import { spanMs } from '../objective/open-slo.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/** What is wrong between the documents of an objective. */
export const objectiveFaults = (document: Document, catalogue: Lookup, before: Lookup): Fault[] => {
  if (isOf(document, 'DataSource')) return lostSources(document, catalogue, before);
  if (isOf(document, 'SLI')) return sourceFaults(document.spec, ['spec'], catalogue);
  if (!isOf(document, 'SLO')) return [];
  const { spec, name } = document;
  const named = catalogue.find('SLI', spec.indicatorRef);
  const inner = spec.indicator ? sourceFaults(spec.indicator.spec, ['spec', 'indicator', 'spec'], catalogue) : [];
  const threshold = named?.thresholdMetric ? thresholdFaults(spec.objectives) : [];
  return [
    ...inner,
    ...threshold.map(([path, message]): Fault => ({ path: ['spec', 'objectives', ...path], message })),
    ...(inner.length + threshold.length > 0 ? [] : alertFaults({ name, spec }, catalogue)),
  ];
};

/** Objectives that name no DataSource take the only one: another one would leave them without any. */
const lostSources = ({ name }: Document, catalogue: Lookup, before: Lookup): Fault[] => {
  if (before.find('DataSource', name)) return [];
  const lost = before.of('SLO').filter(({ name: slo, spec }) => {
    const sliIn = ({ find }: Lookup): SLISpec | undefined => spec.indicator?.spec ?? find('SLI', spec.indicatorRef);
    const [old, now] = [sliIn(before), sliIn(catalogue)];
    return catalogue.find('SLO', slo) === spec && old && now && sourceOf(old, before) && !sourceOf(now, catalogue);
  });
  return lost.length === 0
    ? []
    : [
        {
          path: ['metadata', 'name'],
          message: `${lost.map((slo) => `SLO ${slo.name}`).join(', ')} would have no DataSource: name theirs by metricSourceRef first`,
        },
      ];
};

const sourceFaults = (sli: SLISpec, path: Fault['path'], catalogue: Lookup): Fault[] => {
  const uncountable = counterFaults(sli, path);
  if (uncountable.length > 0) return uncountable;
  if (metricsOf(sli).length === 0 || sourceOf(sli, catalogue)) return [];
  const refs = metricsOf(sli).flatMap(({ metricSource: { metricSourceRef: ref } }) => ref ?? []);
  // A name that is not there is said where it is written.
  if (refs.some((ref) => !catalogue.find('DataSource', ref))) return [];
  const field = sli.thresholdMetric ? 'thresholdMetric' : 'ratioMetric';
  const { length } = catalogue.of('DataSource');
  const message =
    refs.length > 0
      ? 'all its metrics have to come from one DataSource'
      : `name a DataSource by metricSourceRef: there ${length === 0 ? 'is none' : `are ${length}`}`;
  return [{ path: [...path, field], message }];
};

const counterFaults = ({ ratioMetric: ratio }: SLISpec, path: Fault['path']): Fault[] =>
  ratio?.counter
    ? (['good', 'bad', 'total'] as const)
        .filter((part) => ratio[part] && !isCountable(ratio[part].metricSource.spec.query))
        .map((part) => ({
          path: [...path, 'ratioMetric', part, 'metricSource', 'spec', 'query'],
          message:
            'is no counter, nor the sum of one: write counter: false and what there was in a slot, as sum(increase(…[1m]))',
        }))
    : [];

/** Alerts that could never fire, or that look at less than one slice. */
const alertFaults = ({ name, spec }: Pick<Document<'SLO'>, 'name' | 'spec'>, catalogue: Lookup): Fault[] =>
  (spec.alertPolicies ?? []).flatMap((one, at) => {
    const policy = 'alertPolicyRef' in one ? catalogue.find('AlertPolicy', one.alertPolicyRef) : one.spec;
    const conditions = policy ? conditionsOf(policy, catalogue) : [];
    return spec.objectives.flatMap(({ target, targetPercent, timeSliceWindow = '1m' }) =>
      conditions.flatMap(({ condition: { threshold, lookbackWindow, op } }): Fault[] => {
        const goal = target ?? shareOf(targetPercent ?? 0);
        const budget = budgetOf(goal);
        const path = ['spec', 'alertPolicies', at];
        if (op.startsWith('g') && !canFire(threshold, budget)) {
          const most = `at ${goal * 100} % nothing burns faster than ${Number((1 / budget).toPrecision(4))}`;
          return [{ path, message: `a burn rate above ${threshold} can never fire for ${name}: ${most}` }];
        }
        return spanMs(lookbackWindow) < spanMs(timeSliceWindow)
          ? [
              {
                path,
                message: `its lookbackWindow ${lookbackWindow} is shorter than the timeSliceWindow ${timeSliceWindow}`,
              },
            ]
          : [];
      }),
    );
  });

/** Warnings: what is taken literally, and what was probably meant. */
export const objectiveWarnings = (document: Document, catalogue: Lookup): Fault[] => {
  if (isOf(document, 'AlertCondition')) {
    const { op } = document.spec.condition;
    return inverted(op, ['spec', 'condition', 'op']);
  }
  if (isOf(document, 'AlertPolicy'))
    return document.spec.conditions.flatMap((one, at) =>
      'conditionRef' in one
        ? []
        : inverted(one.spec.condition.op, ['spec', 'conditions', at, 'spec', 'condition', 'op']),
    );
  if (!isOf(document, 'SLO') || document.spec.alertPolicies?.length === 0) return [];
  const silent = objectivesOf(document, catalogue, 0).filter(({ rows }) => rows.length === 0);
  return silent.map(({ name }) => ({
    path: ['spec'],
    message: `no row of the usual alerts can fire for ${name}: name alertPolicies`,
  }));
};

const inverted = (op: string, path: Fault['path']): Fault[] =>
  op.startsWith('l')
    ? [{ path, message: `${op} alerts while the budget burns slowly: ${op.replace('l', 'g')} is probably meant` }]
    : [];
