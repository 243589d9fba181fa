import type { Document } from '../document.ts';
import { conditionsOf, type SignalEvidence } from '../improvement-signal/conditions.ts';
import type { SignalStore } from '../improvement-signal/ports.ts';
import type { Evidence } from '../metric/evidence.ts';
import type { ObservationStore } from '../metric/ports.ts';
import type { ObjectiveStore } from '../objective/ports.ts';
import type { ObjectiveState } from '../objective/state.ts';
import type { ReportCommission } from '../performance-report.ts';
import { objectivePeriodsOf } from './budgets.ts';
import type { PerformanceReportStore } from './ports.ts';

interface Ports {
  observations: Pick<ObservationStore, 'supplied'>;
  objectives: Pick<ObjectiveStore, 'read'>;
  performanceReports: PerformanceReportStore;
  signals: SignalStore;
}

const raisedAtOnce = 500;

interface Looked {
  evidence: Evidence;
  services: readonly Document<'Service'>[];
  objectives: readonly ObjectiveState[];
}

/** Each service of the scope is looked at by itself: what it takes is for its team to answer. */
export const raiseSignals = async (
  ports: Ports,
  { scope, period }: ReportCommission,
  { evidence, services, objectives: states }: Looked,
  now: number,
): Promise<void> => {
  const [failedFixes, ofSuppliers] = await Promise.all([
    ports.performanceReports.failedFixes(scope),
    ports.observations.supplied({ ...scope, from: halfAYearBefore(period.until), until: period.until }),
  ]);
  const at = new Date(now).toISOString();
  const objectives = Map.groupBy(
    await objectivePeriodsOf(ports.objectives, states, period, now),
    ({ service }) => service,
  );
  const [incidents, earlier, plans, supplied] = [
    Map.groupBy(evidence.incidents, ({ service }) => service),
    Map.groupBy(evidence.earlier, ({ service }) => service),
    Map.groupBy(evidence.plans, ({ service }) => service),
    Map.groupBy(ofSuppliers, ({ service }) => service),
  ];
  const raised = services.flatMap(({ name, spec }) => {
    const own: SignalEvidence = {
      ...evidence,
      service: name,
      incidents: incidents.get(name) ?? [],
      earlier: earlier.get(name) ?? [],
      plans: plans.get(name) ?? [],
      failedFixes,
      supplied: supplied.get(name) ?? [],
      objectives: objectives.get(name) ?? [],
    };
    return conditionsOf(name, own).map((condition) => ({ condition, team: spec.owner }));
  });
  for (let from = 0; from < raised.length; from += raisedAtOnce)
    await ports.signals.raise(raised.slice(from, from + raisedAtOnce), at);
};

const halfAYearBefore = (instant: string): string => {
  const at = new Date(instant);
  at.setUTCMonth(at.getUTCMonth() - 6);
  return at.toISOString();
};
