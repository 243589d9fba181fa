import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, signalProcess } from '../embedded/process.ts';
import { stopSurvivors } from '../embedded/supervisor.ts';
import { CommandFailure } from './failure.ts';
import { readRun, releaseRun, stateDir as usualStateDir } from './state.ts';

export interface Stopped {
  /** The supervisor that was asked; undefined if it was dead already. */
  supervisor: number | undefined;
  /** Processes that a dead supervisor had left behind. */
  survivors: string[];
}

const stopsWithinMs = 15_000;

/** Stops what runs in a state folder; fails with code 3 if nothing does, with 1 if it does not end in 15 seconds. */
export async function stop(stateDir = usualStateDir()): Promise<Stopped> {
  const supervisor = readRun(stateDir)?.supervisor;
  if (supervisor) {
    try {
      signalProcess(supervisor.pid, 'SIGTERM');
    } catch (cause) {
      throw new CommandFailure(1, `The supervisor (pid ${supervisor.pid}) belongs to another user`, { cause });
    }
    const until = Date.now() + stopsWithinMs;
    while (isAlive(supervisor)) {
      if (Date.now() > until) throw new CommandFailure(1, `The supervisor (pid ${supervisor.pid}) did not stop`);
      await sleep(50);
    }
  }
  const survivors = await stopSurvivors(stateDir);
  releaseRun(stateDir);
  if (!supervisor && survivors.length === 0) throw new CommandFailure(3, `Nothing runs in ${stateDir}`);
  return { supervisor: supervisor?.pid, survivors };
}

export const stoppedText = ({ supervisor, survivors }: Stopped): string =>
  [
    ...(supervisor === undefined ? [] : [`Evenkeel is stopped (pid ${supervisor})`]),
    ...(survivors.length === 0 ? [] : [`Stopped what was left running: ${survivors.join(', ')}`]),
  ].join('\n');
