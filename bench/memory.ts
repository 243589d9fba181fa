import { setTimeout as sleep } from 'node:timers/promises';
import { round } from './figure.ts';
import type { Stage } from './stage.ts';

/** Buffers and caches of a process that has just been busy are given back by then. */
export const settleMs = 15_000;

/** What each process holds before, right after, and once it has settled with so many of these; what a thousand cost Evenkeel's. */
export async function memoryOf(name: string, stage: Stage, count: number, open: () => Promise<unknown>): Promise<void> {
  await sleep(settleMs);
  const idle = stage.memory();
  await open();
  const busy = stage.memory();
  await sleep(settleMs);
  const settled = stage.memory();
  const cost = settled['evenkeel']! - idle['evenkeel']!;
  console.log(
    JSON.stringify({
      figure: `memory of ${name}`,
      unit: 'MB',
      n: count,
      idle,
      busy,
      settled,
      perThousand: round((cost / count) * 1_000),
    }),
  );
}
