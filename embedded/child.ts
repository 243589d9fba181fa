import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, logFile, openLog } from './log-file.ts';
import { livingChild, removePidFile, writePidFile } from './pid-file.ts';
import { isAlive, killGroup, markOf, type ProcessMark, signalProcess } from './process.ts';
import type { User } from './program.ts';

/** How to start, ask and stop one child process. */
export interface ChildPlan {
  name: string;
  command: string;
  args: string[];
  /** Added to the environment of the supervisor. */
  env?: Record<string, string>;
  /** What else it is started with, such as files: a child that runs with something else is not adopted. */
  settings?: unknown;
  cwd?: string | undefined;
  /** Who runs it, if not the user of the supervisor. */
  user?: User | undefined;
  /** Tried one after the other; SIGKILL for the whole group comes last in any case. */
  stopSignals: NodeJS.Signals[];
  stopWithinMs: number;
  /** Whether it can be used. Without a probe it can as soon as it runs. */
  ready?: () => Promise<boolean>;
  readyWithinMs: number;
  /** Done before each start. */
  prepare?: () => void;
  /** Finds a living child that has no pid file, because its supervisor was killed before it wrote one. */
  survivor?: () => number | undefined;
}

/** How fast a child is started again: the pause doubles, and starts anew once a child has run long enough. */
export interface Pace {
  firstMs: number;
  longestMs: number;
  healthyAfterMs: number;
}

/** One child that is kept running. */
export type Child = ReturnType<typeof superviseChild>;

export interface SupervisorOptions {
  stateDir: string;
  /** Where the few lines for a person go. */
  say: (line: string) => void;
  pace?: Pace | undefined;
}

interface Running {
  mark: ProcessMark | undefined;
  exited: Promise<string>;
}

const usualPace: Pace = { firstMs: 1000, longestMs: 30_000, healthyAfterMs: 60_000 };
const watchEveryMs = 250;
const probeEveryMs = 25;
const exitsBeforeGivingUp = 3;

/** Adopts or starts a child and starts it again whenever it exits, until `stop`. */
export function superviseChild(plan: ChildPlan, place: SupervisorOptions & { order: number }) {
  const { name, stopSignals, stopWithinMs } = plan;
  const { stateDir, say, order, pace = usualPace } = place;
  const stopping = new AbortController();
  let running: Running | undefined;
  let exits = 0;
  let lastExit = '';

  const remember = (mark: ProcessMark): void =>
    writePidFile(stateDir, { ...mark, name, order, fingerprint: fingerprintOf(plan), stopSignals, stopWithinMs });

  const adopt = async (): Promise<Running | undefined> => {
    const survivor = survivorOf(plan, stateDir);
    if (survivor) {
      remember(survivor);
      say(`${name} still runs (pid ${survivor.pid}): adopted`);
      return { mark: survivor, exited: goneSoon(survivor, stopping.signal) };
    }
    const outdated = livingChild(stateDir, name);
    if (outdated) {
      say(`${name} still runs with older settings (pid ${outdated.pid}): stopping it`);
      await endProcess(outdated, outdated.stopSignals, outdated.stopWithinMs);
    }
    return undefined;
  };

  const keepRunning = async (): Promise<void> => {
    running = await adopt();
    let failures = 0;
    while (!stopping.signal.aborted) {
      running ??= launch(plan, stateDir, remember);
      const since = Date.now();
      lastExit = await running.exited;
      if (stopping.signal.aborted) return;

      exits += 1;
      if (running.mark) killGroup(running.mark.pid);
      running = undefined;
      removePidFile(stateDir, name);
      failures = Date.now() - since >= pace.healthyAfterMs ? 1 : failures + 1;
      const pauseMs = Math.min(pace.firstMs * 2 ** (failures - 1), pace.longestMs);
      say(`${name} exited${lastExit && ` (${lastExit})`}, restarting in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const done = keepRunning();
  done.catch((error: unknown) => say(`${name} is no longer watched: ${String(error)}`));

  return {
    name,
    async ready(): Promise<void> {
      const until = Date.now() + plan.readyWithinMs;
      const isReady = async (): Promise<boolean> => running?.mark !== undefined && (await (plan.ready?.() ?? true));
      while (!(await isReady())) {
        if (stopping.signal.aborted) throw new Error(`${name} was stopped before it was ready`);
        if (exits >= exitsBeforeGivingUp) throw notReady(`keeps exiting (${lastExit})`, plan, stateDir);
        if (Date.now() > until) throw notReady(`is not ready after ${plan.readyWithinMs / 1000} s`, plan, stateDir);
        await sleep(probeEveryMs);
      }
    },
    async restart(): Promise<void> {
      if (running?.mark) await endProcess(running.mark, stopSignals, stopWithinMs);
    },
    async stop(): Promise<void> {
      stopping.abort();
      const mark = running?.mark;
      if (mark) await endProcess(mark, stopSignals, stopWithinMs);
      await done.catch(() => undefined);
      removePidFile(stateDir, name);
    },
  };
}

/** The living child that fits this plan; undefined if there is none, or one that was started with something else. */
export function survivorOf(plan: ChildPlan, stateDir: string): ProcessMark | undefined {
  const known = livingChild(stateDir, plan.name);
  if (known)
    return known.fingerprint === fingerprintOf(plan) ? { pid: known.pid, startedAt: known.startedAt } : undefined;
  const pid = plan.survivor?.();
  return pid === undefined ? undefined : markOf(pid);
}

/** Ends a process by the given signals, one after the other, then kills what is left of its group. */
export async function endProcess(mark: ProcessMark, signals: NodeJS.Signals[], withinMs: number): Promise<void> {
  for (const [turn, signal] of [...signals, 'SIGKILL' as const].entries()) {
    if (!isAlive(mark)) break;
    signalProcess(mark.pid, signal);
    const until = Date.now() + (turn === 0 ? withinMs : 1000);
    while (isAlive(mark) && Date.now() < until) await sleep(20);
  }
  killGroup(mark.pid);
}

/** Starts the child in a process group of its own, so that it outlives this process and a Ctrl-C does not reach it. */
function launch(plan: ChildPlan, stateDir: string, remember: (mark: ProcessMark) => void): Running {
  let log: number | undefined;
  try {
    plan.prepare?.();
    log = openLog(logFile(stateDir, plan.name));
    const child = spawn(plan.command, plan.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...plan.env },
      ...(plan.cwd !== undefined && { cwd: plan.cwd }),
      ...plan.user,
    });
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `code ${code}`));
    });
    const mark = child.pid === undefined ? undefined : markOf(child.pid);
    try {
      if (mark) remember(mark);
    } catch (error) {
      // A full disk: what nobody could find again does not stay.
      if (mark) killGroup(mark.pid);
      throw error;
    }
    return { mark, exited };
  } catch (error) {
    return { mark: undefined, exited: Promise.resolve(error instanceof Error ? error.message : String(error)) };
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** An adopted process is not our child, so nobody tells us: look. */
async function goneSoon(mark: ProcessMark, stopping: AbortSignal): Promise<string> {
  while (isAlive(mark) && !stopping.aborted) await sleep(watchEveryMs);
  return '';
}

const fingerprintOf = ({ command, args, env, settings, cwd, user }: ChildPlan): string =>
  hash('sha256', JSON.stringify([command, args, env, settings, cwd, user])).slice(0, 16);

function notReady(what: string, { name }: ChildPlan, stateDir: string): Error {
  const log = logFile(stateDir, name);
  return new Error(`${name} ${what}. The end of ${log}:\n${lastLines(log)}`);
}
