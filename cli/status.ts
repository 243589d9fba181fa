import { answersWell } from '../embedded/http-probe.ts';
import { livingChildren } from '../embedded/pid-file.ts';
import { allProcesses, familyOf, memoryOf } from '../embedded/process.ts';
import { readRun, stateDir as usualStateDir } from './state.ts';

export type Status = {
  /** `unsupervised`: the supervisor is dead, its children are not. */
  state: 'ready' | 'not ready' | 'unsupervised' | 'not running';
  stateDir: string;
  address?: string;
  temporalUiUrl?: string;
  startedAt?: string;
  processes: RunningProcess[];
  /** Of all processes together, in MB; pages that they share are counted once where the system tells. */
  memoryMb: number;
};

/** One supervised process with all that belongs to it. */
export type RunningProcess = { name: string; pid: number; processes: number; memoryMb: number };

/** What runs in a state folder. */
export async function status(stateDir = usualStateDir()): Promise<Status> {
  const run = readRun(stateDir);
  const all = allProcesses();
  const children = livingChildren(stateDir).map(({ name, pid }) => measure(name, pid, familyOf(pid, all)));
  // The other processes are its descendants, so it is measured alone.
  const supervisor = run ? [measure('supervisor', run.supervisor.pid, [run.supervisor.pid])] : [];
  const processes = [...supervisor, ...children];
  const memoryMb = Math.round(processes.reduce((sum, process) => sum + process.memoryMb, 0));

  if (!run) return { state: children.length > 0 ? 'unsupervised' : 'not running', stateDir, processes, memoryMb };
  const { address, temporalUiUrl, startedAt } = run;
  const state = (await answersWell(`${address}/readyz`)) ? 'ready' : 'not ready';
  return {
    state,
    stateDir,
    address,
    ...(temporalUiUrl !== undefined && { temporalUiUrl }),
    startedAt,
    processes,
    memoryMb,
  };
}

/** 0 ready, 1 something is amiss, 3 not running. */
export function exitCodeOf({ state }: Status): 0 | 1 | 3 {
  if (state === 'ready') return 0;
  return state === 'not running' ? 3 : 1;
}

export function printStatus(found: Status, { json = false } = {}): void {
  if (json) {
    console.log(JSON.stringify(found, null, 2));
    return;
  }
  console.log(`Evenkeel is ${found.state}`);
  if (found.address !== undefined) console.log(`  API              ${found.address}`);
  if (found.temporalUiUrl !== undefined) console.log(`  Temporal UI      ${found.temporalUiUrl}`);
  if (found.startedAt !== undefined) console.log(`  since            ${found.startedAt}`);
  console.log(`  state and logs   ${found.stateDir}`);
  for (const { name, pid, processes, memoryMb } of found.processes) {
    const family = processes > 1 ? ` (${processes} processes)` : '';
    console.log(`  ${name.padEnd(12)} ${String(pid).padStart(8)} ${memoryMb.toFixed(0).padStart(6)} MB${family}`);
  }
  if (found.processes.length > 0) console.log(`  ${'together'.padEnd(21)} ${String(found.memoryMb).padStart(6)} MB`);
  if (found.state === 'unsupervised') console.log('`evenkeel start` adopts these, `evenkeel stop` stops them.');
}

function measure(name: string, pid: number, family: number[]): RunningProcess {
  const bytes = family.reduce((sum, member) => sum + memoryOf(member), 0);
  return { name, pid, processes: family.length, memoryMb: Math.round(bytes / 1024 / 102.4) / 10 };
}
