import { gzipSync } from 'node:zlib';
import { sha256 } from '../domain/digest.ts';
import { kindOf } from '../domain/identifiers.ts';
import type { Reference } from '../domain/reference.ts';
import { notify } from './notification/index.ts';
import type { ActivityPorts } from './ports.ts';
import { kindIn } from './record-kind.ts';

interface WorkflowRun {
  workflowId: string;
  runId: string;
  belongsTo: Reference;
}

/** Where histories come from and where they are kept. */
export interface HistoryPorts {
  histories: {
    unarchived(most: number): Promise<WorkflowRun[]>;
    keep(history: WorkflowRun & { events: number; sha256: string; gzip: Buffer }): Promise<void>;
    gaps(olderThanMs: number): Promise<WorkflowRun[]>;
    open(most: number): Promise<Pick<WorkflowRun, 'workflowId' | 'belongsTo'>[]>;
  };
  /** How the last run of a workflow has ended, and which it was; undefined while one runs. */
  endOf(workflowId: string): Promise<{ runId: string; status: string } | undefined>;
  /** The history of a closed run as JSON that replays; undefined while it is open, or when it is gone. */
  historyOf(workflowId: string, runId: string): Promise<ClosedRun | undefined>;
}

interface ClosedRun {
  json: string;
  events: number;
  /** How the last run of the workflow ended, in the words of Temporal; absent while one runs. */
  lastStatus?: string;
}

const runsAtOnce = 50;
const recordsAtOnce = 100;
const longestMs = 8_000;
const gapAfterMs = 60 * 60_000;

type Ports = HistoryPorts & Pick<ActivityPorts, 'kinds' | 'outbox' | 'catalogue' | 'publicUrl'>;

export const createHistoryActivities = ({ histories, historyOf, endOf, ...ports }: Ports) => {
  /**
   * A record whose workflow somebody ended, or completed in its place, is over: its owner is notified first, since it is
   * not looked at again.
   */
  const breakOff = async ({ workflowId, runId, belongsTo }: WorkflowRun, status: string): Promise<void> => {
    // What belongs to no record leaves none open.
    if (!(kindOf(belongsTo) in ports.kinds)) return;
    const { kind, id } = kindIn(ports.kinds, belongsTo);
    if (workflowId !== kind.workflowIdOf(id)) return;
    const broken = await kind.breakOff(id, status);
    if (!broken) return;
    const { to, why, end } = broken;
    const notice = { reason: 'broke-off', why } as const;
    await notify(ports, { key: `${workflowId}/broke-off`, belongsTo, to, notice });
    await end(runId);
  };

  /** 1 when the run has closed and its history is kept now. */
  const archive = async (run: WorkflowRun): Promise<number> => {
    const history = await historyOf(run.workflowId, run.runId);
    if (!history) return 0;
    const { json, events, lastStatus: status } = history;
    if (status !== undefined) await breakOff(run, status);
    await histories.keep({ ...run, events, sha256: sha256(json), gzip: gzipSync(json) });
    return 1;
  };

  /** Somebody may have ended a workflow in a way that its runs do not tell: under its id, or by deleting it. */
  const breakOffForsaken = async (): Promise<void> => {
    for (const { workflowId, belongsTo } of await histories.open(recordsAtOnce)) {
      const ended = await endOf(workflowId);
      if (ended) await breakOff({ workflowId, belongsTo, runId: ended.runId }, ended.status);
    }
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
      await breakOffForsaken();
      const gaps = (await histories.gaps(gapAfterMs)).map(({ workflowId, runId }) => `${workflowId} ${runId}`);
      return { archived, gaps: [...new Set([...gaps, ...faulty])] };
    },
  };
};
