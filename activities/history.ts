import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Where histories come from and where they are kept. */
export interface HistoryPorts {
  histories: {
    unarchived(most: number): Promise<{ workflowId: string; runId: string; plan: string }[]>;
    keep(history: {
      workflowId: string;
      runId: string;
      plan: string;
      events: number;
      sha256: string;
      gzip: Buffer;
    }): Promise<void>;
    gaps(olderThanMs: number): Promise<{ workflowId: string; runId: string; plan: string }[]>;
  };
  /** The history of a closed run as JSON that replays; undefined while it is open, or when it is gone. */
  historyOf(workflowId: string, runId: string): Promise<{ json: string; events: number } | undefined>;
}

const runsAtOnce = 50;
const gapAfterMs = 60 * 60_000;

export const createHistoryActivities = ({ histories, historyOf }: HistoryPorts) => ({
  /** Keeps the histories of runs that have closed; says how many, and which should have been kept and are not. */
  async archiveHistories(): Promise<{ archived: number; gaps: string[] }> {
    let archived = 0;
    for (const { workflowId, runId, plan } of await histories.unarchived(runsAtOnce)) {
      const history = await historyOf(workflowId, runId);
      if (!history) continue;
      const sha256 = createHash('sha256').update(history.json).digest('hex');
      await histories.keep({ workflowId, runId, plan, events: history.events, sha256, gzip: gzipSync(history.json) });
      archived += 1;
    }
    return {
      archived,
      gaps: (await histories.gaps(gapAfterMs)).map(({ workflowId, runId }) => `${workflowId} ${runId}`),
    };
  },
});
