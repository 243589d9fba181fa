import { isDeepStrictEqual } from 'node:util';
import type { Alert } from '../../domain/alert.ts';
import {
  correlationOf,
  hasTurned,
  isException,
  isNews,
  isSplitKey,
  withTimeout,
} from '../../domain/alert/correlation.ts';
import type { Correlated } from '../../domain/alert/inhibition.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import { acceptedEntry } from '../../domain/incident/accepted.ts';
import { writeAlerts } from '../../storage/alert.ts';
import type { Database } from '../../storage/database.ts';
import { lockByKey, takersOf } from '../../storage/incident/key.ts';
import { bringNews, nextNumbers, openIncident, wakeTeller } from '../../storage/incident/open.ts';
import type { CorrelationCatalogue } from './catalogue.ts';
import { commissionOf } from './commission.ts';
import type { Group } from './group.ts';
import { findHolds } from './hold.ts';
import { incidentsFor } from './incidents-for.ts';
import { inTurn } from './in-turn.ts';

export interface Changed {
  before: Alert | undefined;
  alert: Alert;
}

/** Writes the alerts, each with the incident that it belongs to; opens those that there are not, and notes which have to hear of it. */
export const route = async (
  tx: Database,
  given: readonly Changed[],
  catalogue: CorrelationCatalogue,
): Promise<void> => {
  const at = new Date().toISOString();
  const changed = await inTurn(given, ({ before, alert }) => ({ before, alert: withTimeout(alert, catalogue.rules) }));
  const moved = changed.flatMap(({ before, alert }) =>
    hasTurned(before, alert) && isException(alert, at) ? [alert] : [],
  );
  const { placed, opened } = await place(tx, moved, catalogue, at);
  const routed = changed.map(({ before, alert }) => ({ before, alert: placed.get(alert.fingerprint) ?? alert }));
  // What is held goes on being looked at, and mostly stays as it is.
  await writeAlerts(
    tx,
    routed.flatMap(({ before, alert }) => (isDeepStrictEqual(alert, before) ? [] : [alert])),
  );
  const heard = routed.flatMap(({ before, alert }) =>
    alert.incident !== null && !opened.has(alert.incident) && isNews(before, alert) ? [alert.incident] : [],
  );
  await bringNews(tx, [...new Set(heard)]);
  if (heard.length > 0 || opened.size > 0) await wakeTeller(tx);
};

/** The alerts as they stand in their incidents, or held, by fingerprint; and the incidents that were opened for them. */
const place = async (
  tx: Database,
  alerts: readonly Alert[],
  catalogue: CorrelationCatalogue,
  at: string,
): Promise<{ placed: Map<string, Alert>; opened: ReadonlySet<number> }> => {
  const apart = await openSplits(tx, alerts);
  const correlated = await inTurn(alerts, (alert) => ({
    alert,
    correlation: correlationOf(alert, catalogue.rules, apart),
  }));
  // An alert stays where it is for as long as that takes alerts: somebody works on it there.
  const takers = await takersOf(tx, [...new Set(alerts.flatMap(({ incident }) => incident ?? []))]);
  const takerOf = ({ incident, team }: Alert): number | undefined => {
    const taker = incident === null ? undefined : takers.get(incident);
    return taker && (taker.isOpen || taker.team === team) ? taker.number : undefined;
  };
  const heldBy = await findHolds(tx, correlated, catalogue, { at, isTaken: (alert) => takerOf(alert) !== undefined });
  const homeless = correlated.filter(({ alert }) => !heldBy.has(alert.fingerprint) && takerOf(alert) === undefined);
  const { incidents, opened } = await openMissing(tx, groupsOf(homeless), catalogue, at);
  const placed = correlated.map(({ alert, correlation }): [string, Alert] => {
    const held = heldBy.get(alert.fingerprint) ?? null;
    const incident = held === null ? (takerOf(alert) ?? incidents.get(correlation.key) ?? null) : alert.incident;
    return [alert.fingerprint, { ...alert, correlationKey: correlation.key, heldBy: held, incident }];
  });
  return { placed: new Map(placed), opened };
};

const groupsOf = (correlated: readonly Correlated[]): Group[] =>
  [...Map.groupBy(correlated, ({ correlation }) => correlation.key)].map(([key, same]) => ({
    key,
    alerts: same.map(({ alert }) => alert),
    correlation: same[0]!.correlation,
  }));

/** The incidents of the groups, by key: those that take them, and one that is opened for each group that none takes. */
const openMissing = async (
  tx: Database,
  groups: readonly Group[],
  catalogue: CorrelationCatalogue,
  at: string,
): Promise<{ incidents: Map<string, number>; opened: ReadonlySet<number> }> => {
  const { joined, missing } = await incidentsFor(tx, groups, catalogue);
  const numbers = missing.length === 0 ? [] : await nextNumbers(tx, missing.length);
  const incidents = new Map(joined);
  for (const [index, group] of missing.entries()) {
    const commission = await commissionOf(group, { number: numbers[index]!, at }, catalogue);
    await openIncident(tx, { commission, entry: acceptedEntry(commission, evenkeel) });
    for (const key of group.keys) incidents.set(key, commission.number);
  }
  return { incidents, opened: new Set(numbers) };
};

/** Keys of incidents that alerts were split off to and that still take them. */
const openSplits = async (tx: Database, alerts: readonly Alert[]): Promise<Set<string>> => {
  const keys = alerts.flatMap(({ correlationKey }) => (isSplitKey(correlationKey) ? [correlationKey] : []));
  if (keys.length === 0) return new Set();
  const known = await lockByKey(tx, [...new Set(keys)]);
  return new Set([...known.values()].flatMap(({ takes, correlationKey }) => (takes ? [correlationKey] : [])));
};
