import { incidentReference, problemReference } from '../identifiers.ts';
import { oneLine } from '../one-line.rules.ts';
import type { Condition } from '../improvement-signal.ts';
import type { ObjectivePeriod } from '../metric/evidence.ts';
import { definitions } from '../metric/definition.ts';
import { type Evidence, failureModeOf, realOf } from '../metric/evidence.ts';
import type { IncidentObservation } from '../metric/observation.ts';

/** A problem as far as it says that its fix did not help. */
export interface FailedFix {
  problem: number;
  service: string | undefined;
}

/** What conditions look at beside the evidence of the metrics of one service. */
export interface SignalEvidence extends Evidence {
  failedFixes: readonly FailedFix[];
  /** Incidents that waited for a supplier, of half a year until the end of the period. */
  supplied: readonly IncidentObservation[];
  /** Use of error budgets, the latest period first. */
  objectives: readonly ObjectivePeriod[];
}

/** So many alike are a failure mode. */
const fewestAlike = 3;
const changeFailureTarget = 0.15;
const fewestChanges = 20;
const fewestSupplierIncidents = 2;
const worstPrecision = 0.5;
const fewestAlerts = 20;
/** Manual work of one kind, so often and so many minutes together. */
const fewestToil = { times: 5, minutes: 60 };
const exhaustedPeriods = 2;
const unused = { share: 0.1, periods: 4 };

const mostEvidence = 200;
const longestLine = 300;

const references = (incidents: readonly IncidentObservation[]): string[] =>
  incidents
    .filter(({ isPrivate }) => !isPrivate)
    .map(({ number }) => incidentReference(number))
    .slice(0, mostEvidence);

/** What of the evidence of one service somebody upstream has to hear; each condition once for what it is about. */
export const conditionsOf = (service: string, evidence: SignalEvidence): Condition[] =>
  [
    repeatedFailureModes,
    changeCausedIncidents,
    lateReadinessGaps,
    supplierBelowSla,
    objectives,
    detection,
    toil,
    friction,
  ].flatMap((find) => find(evidence).map((condition) => ({ ...condition, service })));

type Found = Omit<Condition, 'service'>;

const repeatedFailureModes = (evidence: SignalEvidence): Found[] => {
  const { incidents, failedFixes, service } = evidence;
  const alike = Map.groupBy(realOf(incidents), (incident) => failureModeOf(incident, evidence)?.mode);
  const clusters = [...alike].flatMap(([cluster, some]): Found[] =>
    cluster === undefined || some.length < fewestAlike
      ? []
      : [
          {
            kind: 'repeated-failure-mode',
            cluster,
            targetStages: ['design', 'build'],
            severity: 'high',
            action: 'Make this failure mode impossible, or recover from it without people',
            why: `${some.length} incidents of the same failure mode in the period`,
            evidence: references(some),
          },
        ],
  );
  const ineffective = failedFixes
    .filter((fix) => fix.service === service)
    .map(({ problem }): Found => ({
      kind: 'repeated-failure-mode',
      cluster: problemReference(problem),
      targetStages: ['design', 'build'],
      severity: 'high',
      action: 'Find another fix: the last one did not help',
      why: `the fix of problem ${problem} was not effective`,
      evidence: [problemReference(problem)],
    }));
  return [...new Map([...clusters, ...ineffective].map((found) => [found.cluster, found])).values()];
};

const changeCausedIncidents = (evidence: SignalEvidence): Found[] => {
  const { n, interval, numerator, inputs } = definitions['change-failure-rate-confirmed'].compute(evidence);
  if (n < fewestChanges || !interval || interval.low <= changeFailureTarget) return [];
  return [
    {
      kind: 'change-caused-incidents',
      cluster: 'change-failure-rate',
      targetStages: ['build', 'transition'],
      severity: 'high',
      action: 'Test and release in smaller steps: too many changes fail',
      why: `${numerator} of ${n} deployments failed: with 95 % at least ${(interval.low * 100).toFixed(1)} %, over ${changeFailureTarget * 100} %`,
      evidence: [...inputs]
        .filter(({ value }) => value === 1)
        .map(({ id }) => id)
        .slice(0, mostEvidence),
    },
  ];
};

/** Incidents of plans whose readiness was good although a check was waived or asked for more. */
const lateReadinessGaps = ({ incidents, plans }: SignalEvidence): Found[] => {
  const planOf = new Map(plans.map((plan) => [plan.id, plan]));
  const gaps = realOf(incidents).flatMap((incident) => {
    const plan = incident.plan === undefined ? undefined : planOf.get(incident.plan);
    return (plan?.conditions ?? []).map((check) => ({ check, incident, plan: plan!.id }));
  });
  return [...Map.groupBy(gaps, ({ check }) => check)].map(([check, some]) => ({
    kind: 'late-readiness-gap',
    cluster: oneLine(`check/${check}`, longestLine),
    targetStages: ['transition'],
    severity: 'medium',
    action: oneLine(`Close the gap of ${check} before going live`, longestLine),
    why: `${some.length} incidents of plans that went live with it`,
    evidence: [
      ...new Set([...references(some.map(({ incident }) => incident)), ...some.map(({ plan }) => `plan/${plan}`)]),
    ].slice(0, mostEvidence),
  }));
};

const supplierBelowSla = ({ supplied }: SignalEvidence): Found[] => {
  const waiting = realOf(supplied);
  if (waiting.length < fewestSupplierIncidents) return [];
  return [
    {
      kind: 'supplier-below-sla',
      cluster: 'vendor',
      targetStages: ['acquire'],
      severity: 'medium',
      action: 'Talk to the supplier, or be able to do without',
      why: `${waiting.length} incidents in half a year waited for a supplier`,
      evidence: references(waiting),
    },
  ];
};

const objectives = ({ objectives: periods }: SignalEvidence): Found[] =>
  [...Map.groupBy(periods, ({ objective }) => objective)].flatMap(([objective, some]): Found[] => {
    const last = (count: number) => some.slice(0, count);
    const about = { cluster: `objective/${objective}`, evidence: [`objective/${objective}`] };
    if (some.length >= exhaustedPeriods && last(exhaustedPeriods).every(({ used }) => used >= 1))
      return [
        {
          ...about,
          kind: 'objective-unmet',
          targetStages: ['discover', 'design'],
          severity: 'high',
          action: 'Build what the objective takes, or agree on another one',
          why: `the error budget was used up in ${exhaustedPeriods} periods in a row`,
        },
      ];
    if (some.length >= unused.periods && last(unused.periods).every(({ used }) => used < unused.share))
      return [
        {
          ...about,
          kind: 'objective-unused',
          targetStages: ['discover', 'design'],
          severity: 'low',
          action: 'Release faster, or promise more: the budget is hardly used',
          why: `under ${unused.share * 100} % of the error budget was used in each of ${unused.periods} periods`,
        },
      ];
    return [];
  });

const detection = (evidence: SignalEvidence): Found[] => {
  const { value, n } = definitions['alert-precision'].compute(evidence);
  const noticed = realOf(evidence.incidents).filter(({ detectedBy }) => detectedBy === 'person');
  const noisy: Found[] =
    value !== null && n >= fewestAlerts && value < worstPrecision
      ? [
          {
            kind: 'detection',
            cluster: 'noise',
            targetStages: ['build'],
            severity: 'medium',
            action: 'Alert on what users feel: most alerts need nobody',
            why: `${(value * 100).toFixed(0)} % of ${n} alerts needed somebody`,
            evidence: references(evidence.incidents.filter(({ alerts }) => alerts > 0)),
          },
        ]
      : [];
  const missed: Found[] =
    noticed.length > 0
      ? [
          {
            kind: 'detection',
            cluster: 'noticed-by-people',
            targetStages: ['build'],
            severity: 'medium',
            action: 'Have monitoring notice what people noticed',
            why: `people noticed ${noticed.length} incidents before monitoring did`,
            evidence: references(noticed),
          },
        ]
      : [];
  return [...noisy, ...missed];
};

const toil = (evidence: SignalEvidence): Found[] => {
  const tasks = evidence.plans.flatMap(({ id, tasks: done }) => done.map((task) => ({ ...task, plan: id })));
  return [...Map.groupBy(tasks, ({ title }) => oneLine(title, longestLine))].flatMap(([title, some]): Found[] => {
    const months = Math.max(1, (evidence.period.until - evidence.period.from) / (30 * 86_400_000));
    const minutes = some.reduce((sum, task) => sum + task.minutes, 0);
    if (some.length / months < fewestToil.times || minutes / months < fewestToil.minutes) return [];
    return [
      {
        kind: 'toil',
        cluster: oneLine(`task/${title}`, longestLine),
        targetStages: ['build'],
        severity: 'low',
        action: oneLine(`Automate: ${title}`, longestLine),
        why: `done by hand ${some.length} times, ${Math.round(minutes)} minutes together`,
        evidence: [...new Set(some.map(({ plan }) => `plan/${plan}`))].slice(0, mostEvidence),
      },
    ];
  });
};

const friction = (evidence: SignalEvidence): Found[] => {
  const { trend, value } = definitions['incident-trend'].compute(evidence);
  if (!trend || trend.p >= 0.05 || trend.slope <= 0) return [];
  return [
    {
      kind: 'friction',
      cluster: 'incident-trend',
      targetStages: ['discover', 'support'],
      severity: 'medium',
      action: 'Find out what users run into: the number of incidents is rising',
      why: `${value!.toFixed(1)} more a week (Mann-Kendall p ${trend.p.toFixed(3)})`,
      evidence: references(realOf(evidence.incidents)),
    },
  ];
};
