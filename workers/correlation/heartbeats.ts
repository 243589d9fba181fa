import type { Logger } from 'pino';
import { type HeartbeatNews, heartbeatSource } from '../../domain/alert/heartbeat.ts';
import type { AlertFormat } from '../../domain/alert/readers.ts';
import { sha256 } from '../../domain/digest.ts';
import type { Document } from '../../domain/document.ts';
import { milliseconds } from '../../domain/duration.ts';
import { type AlertArrival, putAlerts } from '../../storage/alert-inbox.ts';
import { type Expected, type Turned, turnedHeartbeats } from '../../storage/heartbeat.ts';
import { type Loop, startLoop } from '../loop.ts';
import type { CorrelationPorts } from './index.ts';

const everyMs = 1_000;

/** Looks for heartbeats that have fallen silent, or are heard again, and tells of them as any other source does. */
export const startHeartbeats = ({ db, catalogue }: CorrelationPorts, log: Logger): Loop =>
  startLoop('heartbeats', everyMs, log, async () => {
    const documents = await catalogue.list('Heartbeat', await catalogue.revision());
    await db.transaction().execute(async (tx) => {
      const turned = await turnedHeartbeats(tx, documents.map(expectedOf));
      if (turned.length > 0) await putAlerts(tx, turned.map(arrivalOf));
    });
    return 0;
  });

const expectedOf = ({ name, spec }: Document<'Heartbeat'>): Expected => {
  const { team, every, grace, severity, service, environment } = spec;
  return {
    name,
    withinMs: milliseconds(every) + milliseconds(grace),
    told: { team, every, grace, severity, service, environment },
  };
};

const format = 'heartbeat' satisfies AlertFormat;

const arrivalOf = ({ name, status, at, lastBeatAt, told: { team, ...told } }: Turned): AlertArrival => {
  const news: HeartbeatNews = { heartbeat: name, status, at, lastBeatAt, ...told };
  const body = Buffer.from(JSON.stringify(news));
  const bodyHash = sha256(body);
  const source = heartbeatSource(name);
  return { source, dedupKey: bodyHash, format, team, body, bodyHash, alerts: 1, receivedAt: at };
};
