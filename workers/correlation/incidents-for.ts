import { milliseconds } from '../../domain/duration.ts';
import { hopsFrom } from '../../domain/topology.ts';
import type { Database } from '../../storage/database.ts';
import { lockByKey, lockOpenIn, stormsOf } from '../../storage/incident/key.ts';
import type { CorrelationCatalogue } from './catalogue.ts';
import type { Group, MissingGroup } from './group.ts';

/** A flood of alarms, as for operators of plants: it begins with ten in ten minutes, and ends below five. */
const [stormBegins, stormEnds] = [10, 5];

/** The incidents that take the groups, by key, and the groups that none takes. */
export const incidentsFor = async (
  tx: Database,
  groups: readonly Group[],
  catalogue: CorrelationCatalogue,
): Promise<{ joined: Map<string, number>; missing: MissingGroup[] }> => {
  const joined = new Map<string, number>();
  if (groups.length === 0) return { joined, missing: [] };
  const known = await lockByKey(
    tx,
    groups.map(({ key }) => key),
  );
  const lonely: MissingGroup[] = [];
  for (const group of groups) {
    const last = known.get(group.key);
    const number = last?.takes === true ? last.number : await neighbourOf(tx, group, catalogue);
    if (number !== undefined) joined.set(group.key, number);
    else lonely.push({ ...group, keys: [group.key], follows: last?.number });
  }
  return { joined, missing: await inStorm(tx, lonely, joined) };
};

/** An open incident of a service that depends on this one, or this one on it, where the rule says so. */
const neighbourOf = async (
  tx: Database,
  { alerts: [alert], correlation }: Group,
  { dependencies }: CorrelationCatalogue,
): Promise<number | undefined> => {
  const { topology } = correlation.rule.spec;
  if (topology === undefined || !alert || alert.service === null) return undefined;
  const { service, team, environment } = alert;
  const open = await lockOpenIn(tx, { team, environment, withinMs: milliseconds(topology.within) });
  const below = hopsFrom(service, dependencies, topology.hops);
  return open.find(
    (other) =>
      other.service !== null &&
      (below.has(other.service) || hopsFrom(other.service, dependencies, topology.hops).has(service)),
  )?.number;
};

/** In a storm one incident of the team stands for all that would open others. */
const inStorm = async (
  tx: Database,
  lonely: readonly MissingGroup[],
  joined: Map<string, number>,
): Promise<MissingGroup[]> => {
  if (lonely.length === 0) return [];
  const byTeam = Map.groupBy(lonely, ({ alerts }) => alerts[0]!.team);
  const storms = await stormsOf(tx, [...byTeam.keys()]);
  return [...byTeam].flatMap(([team, groups]) => {
    const { incident, recent } = storms.get(team) ?? { incident: undefined, recent: 0 };
    const come = recent + groups.length;
    if (come < (incident === undefined ? stormBegins : stormEnds)) return groups;
    if (incident !== undefined) {
      for (const { key } of groups) joined.set(key, incident);
      return [];
    }
    const [first] = groups;
    return [
      {
        key: `storm/${team}`,
        keys: groups.map(({ key }) => key),
        alerts: groups.flatMap(({ alerts }) => alerts),
        correlation: first!.correlation,
        isStorm: true,
      },
    ];
  });
};
