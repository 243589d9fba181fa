/** Services that each service depends on, directly. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/** How many steps down its dependencies each service stands from this one, itself at 0, up to so many. */
export const hopsFrom = (service: string, dependencies: Dependencies, most: number): Map<string, number> => {
  const hops = new Map([[service, 0]]);
  let edge = [service];
  for (let hop = 1; hop <= most && edge.length > 0; hop += 1) {
    edge = edge.flatMap((name) => dependencies.get(name) ?? []).filter((name) => !hops.has(name));
    for (const name of edge) hops.set(name, hop);
  }
  return hops;
};

/**
 * Of services that have alerts, those with no alerting dependency below them: where it probably comes from. Services in a circle
 * stand for each other, so that each circle has one candidate at least.
 */
export const probableOrigins = (alerting: readonly string[], dependencies: Dependencies, most = 2): string[] =>
  alerting.filter((service) => {
    const below = [...hopsFrom(service, dependencies, most).keys()].filter(
      (name) => name !== service && alerting.includes(name),
    );
    return below.every((name) => hopsFrom(name, dependencies, most).has(service) && service < name);
  });
