import { type Child, type ChildPlan, endProcess, superviseChild, type SupervisorOptions, survivorOf } from './child.ts';
import { capLog, logFile } from './log-file.ts';
import { livingChildren, removePidFile } from './pid-file.ts';

const capLogsEveryMs = 60_000;

/** Keeps child processes running in one state folder. */
export function createSupervisor(options: SupervisorOptions) {
  const { stateDir } = options;
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
    /** Adopts or starts a child and resolves when it is ready; rejects if it does not get there in its time. */
    async run(plan: ChildPlan): Promise<void> {
      if (stopped) throw new Error(`${plan.name} is not started: everything is being stopped`);
      const child = superviseChild(plan, { ...options, order: children.length });
      children.push(child);
      await child.ready();
    },
    /** Stops a child, which is then started again as after any exit. */
    async restart(name: string): Promise<void> {
      await children.find((child) => child.name === name)?.restart();
    },
    /** Whether a child of an earlier supervisor lives that `run` would adopt. */
    survives: (plan: ChildPlan): boolean => survivorOf(plan, stateDir) !== undefined,
    /** Stops all children, the last started first. */
    stop: (): Promise<void> => (stopped ??= stopAll()),
  };
}
export type Supervisor = ReturnType<typeof createSupervisor>;

/** Stops the children that a dead supervisor left behind, or those of them with these names; returns their names. */
export async function stopSurvivors(stateDir: string, names?: readonly string[]): Promise<string[]> {
  const survivors = livingChildren(stateDir)
    .filter(({ name }) => names?.includes(name) ?? true)
    .toReversed();
  for (const survivor of survivors) {
    await endProcess(survivor, survivor.stopSignals, survivor.stopWithinMs);
    removePidFile(stateDir, survivor.name);
  }
  return survivors.map(({ name }) => name);
}
