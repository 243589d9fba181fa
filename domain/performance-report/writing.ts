import type { SignalStore } from '../improvement-signal/ports.ts';
import { MetricName } from '../metric.ts';
import { compareRecords } from '../metric/comparison.ts';
import { type Computed, computation } from '../metric/computation.ts';
import { type Evidence, failureModeOf, feltMinutes, realOf } from '../metric/evidence.ts';
import { type EvidencePorts, gatherEvidence, servicesIn } from '../metric/gathering.ts';
import { before } from '../metric/period.ts';
import type { PerformanceRecordStore } from '../metric/ports.ts';
import { periodText, scopeText } from '../metric/text.rules.ts';
import type { PerformanceReport, ReportCommission, ReportedFigure } from '../performance-report.ts';
import type { ObjectiveStore } from '../objective/ports.ts';
import { budgetsOf } from './budgets.ts';
import { chartsOf } from './charts.ts';
import type { PerformanceReportStore } from './ports.ts';
import { raiseSignals } from './raising.ts';

export interface ReportPorts extends EvidencePorts {
  objectives: Pick<ObjectiveStore, 'read' | 'states'>;
  performanceRecords: PerformanceRecordStore;
  performanceReports: PerformanceReportStore;
  signals: SignalStore;
  /** Lets other work of the process go on. */
  pause(): Promise<void>;
}

const mostIncidents = 20;
const mostRepeats = 20;
const expiringWithinMs = 30 * 86_400_000;

/** Writes what is to be said of a scope and a period, as of `now` (milliseconds), and raises the signals that follow from it. */
export const writeReport = async (
  ports: ReportPorts,
  order: ReportCommission,
  now: number,
): Promise<PerformanceReport> => {
  const { scope, period } = order;
  const at = new Date(now).toISOString();
  const earlier = before(period);
  const [{ sources, ...evidence }, { sources: oldSources, ...oldEvidence }, services] = await Promise.all([
    gatherEvidence(ports, scope, period, now),
    gatherEvidence(ports, scope, earlier, now),
    ports.catalogue.list('Service'),
  ]);
  const own = servicesIn(scope, services);
  const names = new Set(own.map(({ name }) => name));
  const objectives = (await ports.objectives.states()).filter(({ service }) => names.has(service));
  await raiseSignals(ports, order, { evidence, services: own, objectives }, now);
  const compute = computation({ scope, period, sources }, evidence);
  const computeOld = computation({ scope, period: earlier, sources: oldSources }, oldEvidence);
  const computed: { found: Computed; old: Computed }[] = [];
  for (const metric of MetricName.options) {
    computed.push({ found: compute(metric), old: computeOld(metric) });
    // A month of incidents takes seconds: meanwhile the process has other work.
    await ports.pause();
  }
  const { performanceReports } = ports;
  const longest = realOf(evidence.incidents)
    .filter(({ isPrivate }) => !isPrivate)
    .map((incident) => ({ incident, minutes: feltMinutes(incident, now) }))
    .toSorted((a, b) => b.minutes - a.minutes || a.incident.number - b.incident.number)
    .slice(0, mostIncidents);
  const [titles, problems, expiring, signals] = await Promise.all([
    performanceReports.titles(longest.map(({ incident }) => incident.number)),
    performanceReports.problems(scope, period.from),
    performanceReports.expiring(scope, [...names], at, new Date(now + expiringWithinMs).toISOString()),
    ports.signals.during(scope, period.from),
  ]);
  return {
    ...order,
    title: `Operations report: ${scopeText(scope)}, ${periodText(period)}`,
    writtenAt: at,
    figures: await figuresOf(ports, computed, order, now),
    budgets: await budgetsOf(ports.objectives, objectives, period, now),
    incidents: longest.map(({ incident: { number, severity, service, detectedAt }, minutes }) => ({
      number,
      title: titles.get(number) ?? '',
      severity,
      ...(service === undefined ? {} : { service }),
      detectedAt: new Date(detectedAt).toISOString(),
      minutes,
    })),
    repeats: repeatsOf(evidence),
    problems,
    changes: changesOf(computed.find(({ found }) => found.metric === 'change-failure-rate-confirmed')!.found),
    expiring,
    signals,
    charts: chartsOf(evidence),
  };
};

const changesOf = ({ figures, inputs }: Computed): PerformanceReport['changes'] => ({
  deployments: figures.n,
  failed: [...inputs]
    .filter(({ value }) => value === 1)
    .map(({ id }) => id)
    .slice(0, 100),
});

/** What is over is kept. */
const figuresOf = async (
  { performanceRecords }: ReportPorts,
  computed: readonly { found: Computed; old: Computed }[],
  { scope, period }: ReportCommission,
  now: number,
): Promise<ReportedFigure[]> => {
  const found = computed.map((one) => one.found);
  const isOver = Date.parse(period.until) <= now;
  const kept = isOver ? await performanceRecords.keep(found, { scope, period }, new Date(now).toISOString()) : [];
  return computed.map(({ found: { metric, unit, figures }, old }, at) => {
    const record = kept[at];
    return {
      metric,
      unit,
      ...(record ? { record: record.id, revision: record.revision } : {}),
      figures,
      before: old.figures.value,
      verdict: compareRecords(old, found[at]!, now).verdict,
    };
  });
};

/** Incidents that are the same again, the most first; nothing of private ones. */
const repeatsOf = ({ incidents, problems, clusters }: Evidence): PerformanceReport['repeats'] => {
  const known = realOf(incidents)
    .filter(({ isPrivate }) => !isPrivate)
    .flatMap((incident) => {
      const found = failureModeOf(incident, { problems, clusters });
      return found ? [{ ...found, number: incident.number }] : [];
    });
  return [...Map.groupBy(known, ({ mode }) => mode).values()]
    .flatMap((some) =>
      some.length < 2
        ? []
        : [{ what: some.at(-1)!.title, incidents: some.map(({ number }) => number).slice(0, 50), count: some.length }],
    )
    .toSorted((a, b) => b.count - a.count || (a.what < b.what ? -1 : 1))
    .slice(0, mostRepeats)
    .map(({ what, incidents: numbers }) => ({ what, incidents: numbers }));
};
