import { type Interval, intervalsFrom } from '../calendar/hours.ts';
import { openingsFrom } from '../calendar/opening.ts';
import type { Document } from '../document.ts';
import { milliseconds } from '../duration.ts';
import { intersection, lengthOf } from '../interval.rules.ts';
import type { WorkingHours } from '../working-hours.ts';

/** Minutes of the period in which a team works. */
export const workedIn = (hours: WorkingHours, period: Interval): number =>
  lengthOf(intersection([...intervalsFrom(hours, hours, period.from, period.until)], [period])) / 60_000;

/** While windows are open that silence the service. */
export const maintenanceOf = (
  service: string,
  environment: string | undefined,
  windows: readonly Document<'MaintenanceWindow'>[],
  period: Interval,
): Interval[] =>
  windows.flatMap(({ spec: { opens, zone, lasts, silences } }) => {
    const isMeant =
      silences?.services?.includes(service) === true &&
      (silences.environments === undefined || environment === undefined || silences.environments.includes(environment));
    if (!isMeant) return [];
    const lastsMs = milliseconds(lasts);
    const spans: Interval[] = [];
    for (const opening of openingsFrom({ opens, zone }, period.from - lastsMs)) {
      if (opening >= period.until || spans.length === mostOpenings) break;
      spans.push({ from: opening, until: opening + lastsMs });
    }
    return spans;
  });

/** A window that opens each minute is as good as open. */
const mostOpenings = 50_000;
