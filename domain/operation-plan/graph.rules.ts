import { DomainError } from '../errors.ts';

/** A node of the plan: lasts `durationMs` and starts when all of `after` have ended. */
export interface Node {
  name: string;
  after: readonly string[];
  durationMs: number;
}

export interface Schedule {
  /** Names in an order in which every node stands behind what it waits for; ties by name. */
  order: string[];
  /** Names with no slack, in order. */
  criticalPath: string[];
  /** Length of the critical path in milliseconds. */
  lengthMs: number;
  /** How long each node may slip without moving the end, in milliseconds. */
  slackMs: Record<string, number>;
}

/** Members of one circle of `after`, in order, or undefined when there is none. */
export function findCycle(nodes: readonly Pick<Node, 'name' | 'after'>[]): string[] | undefined {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const settled = new Set<string>();
  const walk = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return path.slice(path.indexOf(name));
    if (settled.has(name)) return undefined;
    for (const before of byName.get(name)?.after ?? []) {
      const cycle = walk(before, [...path, name]);
      if (cycle) return cycle;
    }
    settled.add(name);
    return undefined;
  };
  for (const { name } of nodes) {
    const cycle = walk(name, []);
    if (cycle) return cycle.toReversed();
  }
  return undefined;
}

/**
 * Forward and backward pass of the critical path method. The nodes have to be free of cycles and name only each other.
 */
export function scheduleOf(nodes: readonly Node[]): Schedule {
  const order = inOrder(nodes);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const at = (name: string): Node => byName.get(name)!;
  const ends: Record<string, number> = {};
  for (const name of order) {
    ends[name] = Math.max(0, ...at(name).after.map((before) => ends[before]!)) + at(name).durationMs;
  }
  const lengthMs = Math.max(0, ...Object.values(ends));
  const latest: Record<string, number> = {};
  for (const name of order.toReversed()) {
    const followers = nodes.filter((node) => node.after.includes(name));
    latest[name] = Math.min(lengthMs, ...followers.map((node) => latest[node.name]! - node.durationMs));
  }
  const slackMs = Object.fromEntries(order.map((name) => [name, latest[name]! - ends[name]!]));
  return { order, criticalPath: order.filter((name) => slackMs[name] === 0), lengthMs, slackMs };
}

const inOrder = (nodes: readonly Node[]): string[] => {
  const order: string[] = [];
  while (order.length < nodes.length) {
    const ready = nodes
      .filter(({ name, after }) => !order.includes(name) && after.every((before) => order.includes(before)))
      .map(({ name }) => name)
      .toSorted();
    if (ready.length === 0)
      throw new DomainError(
        'invalid',
        'the plan has a cycle, two activities of one name, or names one that does not exist',
      );
    order.push(...ready);
  }
  return order;
};

/** Activities that may start now: not begun, and everything before them is done or skipped. */
export const readyToStart = <A extends { name: string; after: readonly string[]; status: string }>(
  activities: readonly A[],
): A[] =>
  activities.filter(
    ({ status, after }) =>
      status === 'planned' &&
      after.every((before) =>
        activities.some((other) => other.name === before && (other.status === 'done' || other.status === 'skipped')),
      ),
  );
