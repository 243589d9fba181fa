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
const gapAfterMs = 60 * 60_000;

type Ports = HistoryPorts & Pick<ActivityPorts, 'plans' | 'approvals' | 'outbox' | 'catalogue'>;

export const createHistoryActivities = ({ histories, historyOf, ...ports }: Ports) => ({
  /** Keeps the histories of runs that have closed; says how many, and which should have been kept and are not. */
  async archiveHistories(): Promise<{ archived: number; gaps: string[] }> {
    let archived = 0;
    for (const { workflowId, runId, plan } of await histories.unarchived(runsAtOnce)) {
      const history = await historyOf(workflowId, runId);
      if (!history) continue;
      const { lastStatus: status } = history;
      const isCutOff = status !== undefined && status !== 'COMPLETED' && workflowId === planWorkflowIdOf(plan);
      if (isCutOff) await breakOff(ports, plan, { runId, status });
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
