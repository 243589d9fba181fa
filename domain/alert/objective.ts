import { z } from 'zod';
import { type AlertFact, type ReadAlerts } from '../alert.ts';
import { readAs, readSome } from '../json.ts';
import { Name } from '../name.ts';
import { AlertSeverity } from './severity.ts';

const instant = z.iso.datetime({ precision: 3 });

/** What is told of an alert of an objective, kept for when it ends. */
export const AlertWords = z.strictObject({ response: z.enum(['page', 'ticket']), why: z.string() });
export type AlertWords = z.infer<typeof AlertWords>;

/** What became of an alert of an objective, as it is written down when it begins and when it ends. */
export const ObjectiveNews = z.strictObject({
  objective: z.string().max(70),
  alert: z.string(),
  status: z.enum(['firing', 'resolved']),
  severity: AlertSeverity,
  startedAt: instant,
  at: instant,
  why: z.string(),
  service: Name,
});
export type ObjectiveNews = z.infer<typeof ObjectiveNews>;

/** Who tells of it: no document of kind Source has such a name. */
export const objectiveSource = (objective: string): string => `objective/${objective}`;

export const isObjectiveSource = (source: string): boolean => source.startsWith(objectiveSource(''));

export const readObjective: ReadAlerts = (body) => ({
  alerts: [factOf(readAs(ObjectiveNews, readSome(body)))],
  changes: [],
  notes: [],
});

const factOf = ({ objective, alert, status, severity, startedAt, at, why, service }: ObjectiveNews): AlertFact => ({
  key: `${objective}/${alert}`,
  status,
  title: alert === 'no-data' ? `${objective} is not measured: ${why}` : `${objective} burns its error budget: ${why}`,
  severity,
  startedAt,
  ...(status === 'resolved' ? { endedAt: at } : {}),
  labels: { objective, alert },
  annotations: { why },
  service,
});
