import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { planWorkflowIdOf } from '../domain/identifiers.ts';
import { breakOff } from './break-off.ts';
import type { ActivityPorts } from './ports.ts';

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
  historyOf(workflowId: string, runId: string): Promise<ClosedRun | undefined>;
}

interface ClosedRun {
  json: string;
  events: number;
  /** How it ended, in the words of Temporal; absent when another run of the same workflow came after it. */
  lastStatus?: string;
}

const runsAtOnce = 50;
const longestMs = 8_000;
const gapAfterMs = 60 * 60_000;

type Ports = HistoryPorts & Pick<ActivityPorts, 'plans' | 'approvals' | 'outbox' | 'catalogue'>;

export const createHistoryActivities = ({ histories, historyOf, ...ports }: Ports) => {
  /** 1 when the run has closed and its history is kept now. */
  const archive = async ({ workflowId, runId, plan }: { workflowId: string; runId: string; plan: string }) => {
    const history = await historyOf(workflowId, runId);
    if (!history) return 0;
    const { json, events, lastStatus: status } = history;
    const isCutOff = status !== undefined && status !== 'COMPLETED' && workflowId === planWorkflowIdOf(plan);
    if (isCutOff) await breakOff(ports, plan, { runId, status });
    const sha256 = createHash('sha256').update(json).digest('hex');
    await histories.keep({ workflowId, runId, plan, events, sha256, gzip: gzipSync(json) });
    return 1;
  };

  return {
    /** Keeps the histories of runs that have closed; says how many, and which should have been kept and are not. */
    async archiveHistories(): Promise<{ archived: number; gaps: string[] }> {
      const begun = Date.now();
      const [looked, faulty] = [new Set<string>(), new Set<string>()];
      let archived = 0;
      // Open runs stay in the queue, behind all others: once round is enough.
      while (Date.now() - begun < longestMs) {
        const runs = (await histories.unarchived(runsAtOnce)).filter(({ runId }) => !looked.has(runId));
        if (runs.length === 0) break;
        for (const run of runs) {
          looked.add(run.runId);
          // One that cannot be read keeps no other from being kept; it is a gap.
          archived += await archive(run).catch(() => {
            faulty.add(`${run.workflowId} ${run.runId}`);
            return 0;
          });
        }
      }
      const gaps = (await histories.gaps(gapAfterMs)).map(({ workflowId, runId }) => `${workflowId} ${runId}`);
      return { archived, gaps: [...new Set([...gaps, ...faulty])] };
    },
  };
};
