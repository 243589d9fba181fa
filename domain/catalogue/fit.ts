import { everFits, nextSlot } from '../calendar.ts';
import { openingsFrom } from '../calendar/opening.ts';
import type { Document } from '../document.ts';
import type { MaintenanceWindowSpec } from '../maintenance-window.ts';
import { findCycle, scheduleOf } from '../operation-plan/graph.rules.ts';
import { type PlanTemplateSpec, undoMsOf, windowMsOf } from '../plan-template.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/** Work that fits no opening of its window, ever; said where it was applied, of the template or of the window. */
export const misfits = (document: Document, catalogue: Lookup, isApplied: (template: string) => boolean): Fault[] => {
  if (isOf(document, 'PlanTemplate')) {
    const { window } = document.spec;
    const found = catalogue.find('MaintenanceWindow', window);
    const message = window !== undefined && found && misfitOf(document, window, found);
    return message ? [{ path: ['spec', 'window'], message }] : [];
  }
  if (!isOf(document, 'MaintenanceWindow')) return [];
  return catalogue
    .of('PlanTemplate')
    .filter(({ name, spec }) => spec.window === document.name && !isApplied(name))
    .flatMap((template) => misfitOf(template, document.name, document.spec) ?? [])
    .map((message) => ({ path: ['spec', 'lasts'], message }));
};

const misfitOf = (
  { name, spec }: Pick<Document<'PlanTemplate'>, 'name' | 'spec'>,
  windowName: string,
  window: MaintenanceWindowSpec,
): string | undefined => {
  const needMs = leastNeedMs(spec);
  return everFits(window, needMs)
    ? undefined
    : `the work of ${name} with its undo takes ${minutes(needMs)}, and ${windowName} is never open that long`;
};

/** Warnings of windows that stay closed for as long as a plan would look. `now` in milliseconds. */
export const closedWindows = (document: Document, catalogue: Lookup, now: number): Fault[] => {
  if (isOf(document, 'MaintenanceWindow')) {
    const message = `has no opening in the next 90 days${laterOpening(document.spec, now)}`;
    return nextSlot(document.spec, now, 1) === undefined ? [{ path: ['spec', 'opens'], message }] : [];
  }
  if (!isOf(document, 'PlanTemplate')) return [];
  const window = catalogue.find('MaintenanceWindow', document.spec.window);
  const needMs = leastNeedMs(document.spec);
  // What fits no opening at all is refused, see `misfits`.
  if (!window || !everFits(window, needMs) || nextSlot(window, now, needMs) !== undefined) return [];
  const message = `${document.spec.window} has no opening of ${minutes(needMs)} in the next 90 days: a plan made now fails`;
  return [{ path: ['spec', 'window'], message }];
};

const laterOpening = ({ opens, zone }: MaintenanceWindowSpec, now: number): string => {
  const { value } = openingsFrom({ opens, zone }, now).next();
  return value === undefined ? ' or later' : `; the pattern opens next at ${new Date(value).toISOString()}`;
};

const minutes = (ms: number): string => `${Math.ceil(ms / 60_000)} min`;

/** What a plan of the template takes at least: activities with a `when` may be left out. */
const leastNeedMs = ({ activities }: PlanTemplateSpec): number => {
  const names = activities.map(({ name }) => name);
  const isSound =
    new Set(names).size === names.length &&
    activities.every(({ after }) => after.every((name) => names.includes(name)));
  if (!isSound || findCycle(activities)) return 0;
  const sure = (ms: number, when: string | undefined): number => (when === undefined ? ms : 0);
  const { lengthMs } = scheduleOf(
    activities.map((activity) => ({
      name: activity.name,
      after: activity.after,
      durationMs: sure(windowMsOf(activity), activity.when),
    })),
  );
  return lengthMs + activities.reduce((sum, activity) => sum + sure(undoMsOf(activity), activity.when), 0);
};
