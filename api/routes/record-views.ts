import type { RecordViews } from '../record-view.ts';
import { visiblePlan } from '../visibility.ts';
import { exportedIncident } from './incident/export.ts';
import { incidentExecutors, orderedForIncident } from './incident/ordered.ts';
import { visibleIncident } from './incident/visible.ts';
import { planExecutors, planStart } from './operation-plan/concerning.ts';
import { exportedPlan } from './operation-plan/export.ts';
import { exportedProblem } from './problem/export.ts';
import { visibleProblem } from './problem/visible.ts';

/** Every kind of record that is shown. */
export const recordViews = {
  plan: {
    plural: 'operation-plans',
    name: 'Plan',
    visible: visiblePlan,
    executors: planExecutors,
    plannedStart: planStart,
    ordered: () => Promise.resolve(undefined),
    exported: exportedPlan,
  },
  incident: {
    plural: 'incidents',
    name: 'Incident',
    visible: visibleIncident,
    executors: incidentExecutors,
    plannedStart: () => Promise.resolve(undefined),
    ordered: orderedForIncident,
    exported: exportedIncident,
  },
  problem: {
    plural: 'problems',
    name: 'Problem',
    visible: visibleProblem,
    executors: () => Promise.resolve([]),
    plannedStart: () => Promise.resolve(undefined),
    ordered: () => Promise.resolve(undefined),
    exported: exportedProblem,
  },
} as const satisfies RecordViews;
