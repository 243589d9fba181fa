import { answersWell } from '../embedded/http-probe.ts';
import { livingChildren } from '../embedded/pid-file.ts';
import { allProcesses, familyOf, memoryOf } from '../embedded/process.ts';
import { aligned, facts } from './print.ts';
import { readRun, type Run, stateDir as usualStateDir } from './state.ts';

export interface Status extends Partial<Pick<Run, 'address' | 'startedAt'>> {
  /** `unsupervised`: the supervisor is dead, its children are not. */
  state: 'ready' | 'not ready' | 'unsupervised' | 'not running';
  stateDir: string;
  processes: RunningProcess[];
  /** Of all processes together, in MB; pages that they share are counted once where the system tells. */
  memoryMb: number;
}

/** One supervised process with all that belongs to it. */
interface RunningProcess {
  name: string;
  pid: number;
  processes: number;
  memoryMb: number;
}

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
  const { supervisor: _, ...known } = run;
  const state = (await answersWell(`${run.address}/readyz`)) ? 'ready' : 'not ready';
  return { state, stateDir, ...known, processes, memoryMb };
}

export const exitCodes: Record<Status['state'], number> = {
  ready: 0,
  'not ready': 1,
  unsupervised: 1,
  'not running': 3,
};

export function statusText({ state, stateDir, address, startedAt, processes, memoryMb }: Status): string {
  const rows = processes.map(({ name, pid, memoryMb: own, processes: count }) => [
    name,
    String(pid),
    `${own.toFixed(0)} MB${count > 1 ? ` (${count} processes)` : ''}`,
  ]);
  return [
    `Evenkeel is ${state}`,
    facts([
      ['API', address],
      ['since', startedAt],
      ['state and logs', stateDir],
    ]),
    ...(rows.length === 0 ? [] : [aligned([...rows, ['together', '', `${memoryMb} MB`]], '  ')]),
    ...(state === 'unsupervised' ? ['`evenkeel start` adopts these; `evenkeel stop` stops them.'] : []),
  ].join('\n');
}

function measure(name: string, pid: number, family: number[]): RunningProcess {
  const bytes = family.reduce((sum, member) => sum + memoryOf(member), 0);
  return { name, pid, processes: family.length, memoryMb: Math.round(bytes / 1024 / 102.4) / 10 };
}
