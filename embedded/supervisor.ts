import { type Child, type ChildPlan, endProcess, type Pace, superviseChild, survivorOf } from './child.ts';
import { capLog, logFile } from './log-file.ts';
import { livingChildren, removePidFile } from './pid-file.ts';

/** Keeps child processes running in one state folder. */
export interface Supervisor {
  /** Adopts or starts a child and resolves when it is ready; rejects if it does not get there in its time. */
  run: (plan: ChildPlan) => Promise<void>;
  /** Whether a child of an earlier supervisor lives that `run` would adopt. */
  survives: (plan: ChildPlan) => boolean;
  /** Stops all children, the last started first. */
  stop: () => Promise<void>;
}

export interface SupervisorOptions {
  stateDir: string;
  /** Where the few lines for a person go. */
  say: (line: string) => void;
  pace?: Pace;
}

const capLogsEveryMs = 60_000;

export function createSupervisor({ stateDir, say, pace }: SupervisorOptions): Supervisor {
  const children: Child[] = [];
  let stopped: Promise<void> | undefined;

  const logs = setInterval(() => {
    for (const child of children) capLog(logFile(stateDir, child.name));
  }, capLogsEveryMs).unref();

  const stopAll = async (): Promise<void> => {
    clearInterval(logs);
    for (const child of children.toReversed()) await child.stop();
  };

  return {
    async run(plan) {
      if (stopped) throw new Error(`${plan.name} is not started: everything is being stopped`);
      const child = superviseChild(plan, { stateDir, say, order: children.length, ...(pace && { pace }) });
      children.push(child);
      await child.ready();
    },
    survives: (plan) => survivorOf(plan, stateDir) !== undefined,
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}

/** Stops the children that a dead supervisor left behind, and returns their names. */
export async function stopSurvivors(stateDir: string): Promise<string[]> {
  const survivors = livingChildren(stateDir).toReversed();
  for (const survivor of survivors) {
    await endProcess(survivor, survivor.stopSignals, survivor.stopWithinMs);
    removePidFile(stateDir, survivor.name);
  }
  return survivors.map(({ name }) => name);
}
