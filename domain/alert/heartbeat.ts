import { z } from 'zod';
import { AlertSeverity } from './severity.ts';
import { type AlertFact, type ReadAlerts } from '../alert.ts';
import { readAs, readSome } from '../json.ts';
import { Name } from '../name.ts';

const instant = z.iso.datetime({ precision: 3 });

/** What became of a heartbeat, as it is written down when it falls silent and when it is heard again. */
export const HeartbeatNews = z.strictObject({
  heartbeat: Name,
  status: z.enum(['firing', 'resolved']),
  at: instant,
  lastBeatAt: instant.nullable(),
  every: z.string(),
  grace: z.string(),
  severity: AlertSeverity,
  service: Name.optional(),
  environment: Name.optional(),
});
export type HeartbeatNews = z.infer<typeof HeartbeatNews>;

/** Who tells of it: no document of kind Source has such a name. */
export const heartbeatSource = (heartbeat: string): string => `heartbeat/${heartbeat}`;

export const isHeartbeatSource = (source: string): boolean => source.startsWith(heartbeatSource(''));

export const readHeartbeat: ReadAlerts = (body) => ({
  alerts: [factOf(readAs(HeartbeatNews, readSome(body)))],
  changes: [],
  notes: [],
});

const factOf = (news: HeartbeatNews): AlertFact => {
  const { heartbeat, status, at, lastBeatAt, every, grace, severity, service, environment } = news;
  return {
    key: heartbeat,
    status,
    title: `Heartbeat ${heartbeat} is silent`,
    severity,
    startedAt: at,
    ...(status === 'resolved' ? { endedAt: at } : {}),
    labels: { heartbeat },
    annotations: { every, grace, lastBeatAt: lastBeatAt ?? 'never' },
    service,
    environment,
  };
};
