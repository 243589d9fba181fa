import type { RecordViews } from '../record-view.ts';
import { visiblePlan } from '../visibility.ts';
import { exportedPlan } from './operation-plan/export.ts';

/** Every kind of record that is shown. */
export const recordViews = {
  plan: { plural: 'operation-plans', name: 'Plan', visible: visiblePlan, exported: exportedPlan },
} as const satisfies RecordViews;
