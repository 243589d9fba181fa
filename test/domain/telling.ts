import type { Alert, AlertFact } from '../../domain/alert.ts';
import { mapAlert } from '../../domain/alert/mapping.ts';
import { type Telling, told } from '../../domain/alert/told.ts';
import { AlertMapping } from '../../domain/source.ts';

/** Noon of a day, and so many seconds. */
export const second = (seconds: number): string => new Date(Date.UTC(2026, 10, 28, 12, 0, seconds)).toISOString();

export interface TellingBy {
  seenAt?: string;
  name?: string;
  team?: string;
  alerts?: object;
}

/** The alert once a source of team shop has told this of it: that it fires since then, unless something else is said. */
export const tell = (
  before: Alert | undefined,
  fact: Partial<AlertFact>,
  { seenAt = second(0), name = 'monitoring', team = 'shop', alerts = {} }: TellingBy = {},
): Alert => {
  const telling: Telling = {
    source: { name, team, alerts: AlertMapping.parse(alerts) },
    fact: {
      key: 'key',
      status: 'firing',
      title: 'It fails',
      severity: 'error',
      startedAt: seenAt,
      labels: {},
      annotations: {},
      ...fact,
    },
    seenAt,
  };
  return told(before, telling, mapAlert(telling.fact, telling.source), () => undefined);
};
