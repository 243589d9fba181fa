import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Alert } from '../../domain/alert.ts';
import { isAlertFormat, readers } from '../../domain/alert/readers.ts';
import { mapAlert } from '../../domain/alert/mapping.ts';
import { ended, told, type Telling } from '../../domain/alert/told.ts';
import { Flapping } from '../../domain/alert/flapping.ts';
import { DomainError } from '../../domain/errors.ts';
import type { SourceSpec } from '../../domain/source.ts';
import { type AlertRow, alertsToCorrelate, settleAlerts } from '../../storage/alert-inbox.ts';
import { correlateAlone, lockAlerts, lockHeld, lockOrphans, lockOverdue, lockSettled } from '../../storage/alert.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import { type Database, isUnavailable } from '../../storage/database.ts';
import { keepable } from '../../domain/text.ts';
import { type Loop, startLoop } from '../loop.ts';
import { catalogueOf, type CorrelationCatalogue, gapIn } from './catalogue.ts';
import { type Changed, route } from './route.ts';

const idleMs = 500;
/** What comes in a storm is looked at together, since a round costs the same for one row as for many: the more, the longer it waits. */
const gatherMs = 20;
const busyGatherMs = 100;
const busyRows = 50;
const manyAlerts = 1_000;
const lookEveryMs = 400;
const mostOverdue = 500;

export interface CorrelationPorts {
  db: Database;
  catalogue: CatalogueStorage;
}

/** Folds the reports of sources into alerts and routes alerts to incidents. Only one replica correlates at a time. */
export const startCorrelator = (ports: CorrelationPorts, log: Logger): Loop => {
  let lookedAt = 0;
  const poisoned: Poisoned = new Map();
  return startLoop('alerts', idleMs, log, async () => {
    const catalogue = await catalogueOf(ports.catalogue);
    const found = await correlate(ports.db, catalogue, log);
    if (found > 0 && found < manyAlerts) await sleep(found < busyRows ? gatherMs : busyGatherMs);
    if (Date.now() - lookedAt < lookEveryMs) return found;
    const over = await sweep(ports.db, catalogue, poisoned, log);
    if (over === 0) lookedAt = Date.now();
    return found + over;
  });
};

/** Looks at what waits, in one transaction; says how much that was. A row that nothing can be made of is set aside with the reason, and stops no other. */
const correlate = async (db: Database, catalogue: CorrelationCatalogue, log: Logger): Promise<number> => {
  const looked: string[] = [];
  try {
    return await correlateRows(db, catalogue, looked);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    for (const id of looked) await correlateOne(db, catalogue, id, log);
    return looked.length;
  }
};

const correlateOne = async (db: Database, catalogue: CorrelationCatalogue, id: string, log: Logger): Promise<void> => {
  try {
    await correlateRows(db, catalogue, [], id);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    log.error({ err: error, alerts: id }, 'alerts could not be correlated: their inbox row is parked');
    const reason = keepable(error instanceof Error ? error.message : 'unknown', 500);
    await correlateAlone(db, undefined, async (tx) =>
      settleAlerts(
        tx,
        (await alertsToCorrelate(tx, id)).map((row) => ({ ...row, reason })),
      ),
    );
  }
};

const correlateRows = (
  db: Database,
  catalogue: CorrelationCatalogue,
  looked: string[],
  only?: string,
): Promise<number> =>
  correlateAlone(db, 0, async (tx) => {
    const rows = await alertsToCorrelate(tx, only);
    looked.push(...rows.map(({ id }) => id));
    if (rows.length === 0) return 0;
    const read = rows.map((row) => ({ ...row, ...tellingsIn(row, catalogue) }));
    const tellings = read.flatMap((row) => row.tellings);
    await route(tx, await folded(tx, tellings, catalogue), catalogue);
    await settleAlerts(tx, read);
    return Math.max(rows.length, tellings.length);
  });

/** What a row tells; why it cannot be read, should what was accepted not be readable any more. */
const tellingsIn = (
  { format, body, lastSeenAt, source: name, team }: AlertRow,
  { sources }: CorrelationCatalogue,
): { tellings: Telling[]; reason?: string } => {
  const spec = sources.get(name);
  // What was accepted before its source was deleted is still true of its team.
  const source = spec ? { ...spec, name } : { ...mapless, name, team };
  if (!isAlertFormat(format)) return { tellings: [], reason: `there is no format ${format}` };
  try {
    return { tellings: readers[format](body, lastSeenAt).alerts.map((fact) => ({ source, fact, seenAt: lastSeenAt })) };
  } catch (error) {
    if (error instanceof DomainError) return { tellings: [], reason: keepable(error.message, 500) };
    throw error;
  }
};

const mapless: Pick<SourceSpec, 'alerts'> = {
  alerts: {
    identity: { without: [] },
    severity: { label: 'severity', values: {}, default: 'warning' },
    service: { label: 'service', names: {} },
    environment: { label: 'environment', names: {} },
    flapping: Flapping.parse({}),
    acknowledges: false,
    failures: false,
  },
};

/** Each alert as it was and as it is now, with all that was told of it. */
const folded = async (
  tx: Database,
  tellings: readonly Telling[],
  catalogue: CorrelationCatalogue,
): Promise<Changed[]> => {
  const gapOf = gapIn(catalogue);
  const mapped = tellings.map((telling) => ({ telling, place: mapAlert(telling.fact, telling.source) }));
  const before = await lockAlerts(tx, [...new Set(mapped.map(({ place }) => place.fingerprint))]);
  const now = new Map<string, Alert>();
  for (const { telling, place } of mapped) {
    const { fingerprint } = place;
    now.set(fingerprint, told(now.get(fingerprint) ?? before.get(fingerprint), telling, place, gapOf));
  }
  return [...now].map(([fingerprint, alert]) => ({ before: before.get(fingerprint), alert }));
};

/** Alerts that nothing could be made of, and until when (milliseconds) they are left alone. */
type Poisoned = Map<string, number>;
const leftAloneMs = 60_000;

/** What is due by the clock. An alert that nothing can be made of is left alone for a while, and stops no other. */
const sweep = async (
  db: Database,
  catalogue: CorrelationCatalogue,
  poisoned: Poisoned,
  log: Logger,
): Promise<number> => {
  for (const [fingerprint, until] of poisoned) if (until < Date.now()) poisoned.delete(fingerprint);
  const found = new Set<string>();
  try {
    return await endOverdue(db, catalogue, ({ fingerprint }) => !poisoned.has(fingerprint), found);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    for (const each of found)
      try {
        await endOverdue(db, catalogue, ({ fingerprint }) => fingerprint === each);
      } catch (reason) {
        if (isUnavailable(reason)) throw reason;
        log.error({ err: reason, alert: each }, 'nothing can be made of an alert that is due: it is left alone');
        poisoned.set(each, Date.now() + leftAloneMs);
      }
    return found.size;
  }
};

/** Ends stale alerts, clears the flapping state of settled ones, rechecks held ones, and reroutes those whose incident closed before its workflow was notified. */
const endOverdue = (
  db: Database,
  catalogue: CorrelationCatalogue,
  isWanted: (alert: Alert) => boolean,
  found?: Set<string>,
): Promise<number> =>
  correlateAlone(db, 0, async (tx) => {
    const at = new Date().toISOString();
    const overdue = (await lockOverdue(tx, mostOverdue)).filter(isWanted);
    const settled = (await lockSettled(tx, mostOverdue)).filter(isWanted);
    const orphans = (await lockOrphans(tx, mostOverdue)).filter(isWanted);
    const held = (await lockHeld(tx, mostOverdue)).filter(isWanted);
    for (const { fingerprint } of [...overdue, ...settled, ...orphans, ...held]) found?.add(fingerprint);
    // More than one may be due of an alert, which is written once.
    const changed = new Map<string, Changed>();
    const change = (
      alerts: readonly Alert[],
      to: (alert: Alert) => Alert,
      from = (alert: Alert): Alert => alert,
    ): void => {
      for (const each of alerts) {
        const { before, alert } = changed.get(each.fingerprint) ?? { before: from(each), alert: each };
        changed.set(each.fingerprint, { before, alert: to(alert) });
      }
    };
    change(overdue, (alert) => ended(alert, at));
    change(settled, (alert) => ({ ...alert, flapsUntil: null }));
    change(
      orphans,
      (alert) => (alert.isFiring ? { ...alert, incident: null } : alert),
      (alert) => ({ ...alert, isFiring: false }),
    );
    // What kept them may be over.
    change(held, (alert) => ({ ...alert, heldBy: null, shelvedUntil: null, shelving: null }));
    if (changed.size > 0) await route(tx, [...changed.values()], catalogue);
    return overdue.length + settled.length + orphans.length;
  });
