import { log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** A batch looks at as many runs as it can in some seconds. */
const archiving = proxyActivities<Activities>({ startToCloseTimeout: '15 seconds' });

/** Keeps the histories of closed runs, batch by batch; started by a schedule. Ends when a batch finds nothing new. */
export async function archiveHistories(): Promise<{ archived: number; gaps: string[] }> {
  let archived = 0;
  for (let batches = 0; batches < 100; batches += 1) {
    const batch = await archiving.archiveHistories();
    archived += batch.archived;
    if (batch.archived > 0) continue;
    if (batch.gaps.length > 0) log.warn('closed runs whose history is not kept', { gaps: batch.gaps.slice(0, 20) });
    return { archived, gaps: batch.gaps.slice(0, 100) };
  }
  return { archived, gaps: [] };
}
