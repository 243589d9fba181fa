import { setTimeout as sleep } from 'node:timers/promises';
import { type Part, parts, type Stage } from './stage.ts';

const pauseMs = 700;

/** Fixed by the seed, so that a run can be repeated. */
const shuffled = (items: Part[], seed: number): Part[] => {
  let state = seed;
  const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31);
  return items
    .map((item) => ({ item, rank: next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
};

/** Kills each part so many times, in an order that a run repeats; says how many kills there were, and when a worker was the last time. */
export const killAll = async (stage: Stage, each: number): Promise<{ kills: number; workerKilledAt: number }> => {
  const order = shuffled(
    parts.flatMap((name) => Array.from({ length: each }, () => name)),
    7_480,
  );
  let workerKilledAt = 0;
  for (const part of order) {
    await sleep(pauseMs);
    // A part that is just coming back is killed a little later.
    for (let tries = 0; tries < 100 && !stage.kill(part); tries += 1) await sleep(100);
    if (part === 'worker') workerKilledAt = Date.now();
  }
  return { kills: order.length, workerKilledAt };
};
