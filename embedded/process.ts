import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from './system-error.ts';

/** One process for good: a pid alone may be given to another process later, a pid with its start time is not. */
export interface ProcessMark {
  pid: number;
  startedAt: string;
}

/** What the system says of one process. */
export interface ProcessFacts {
  pid: number;
  parent: number;
  group: number;
}

/** The mark of a living process; undefined if it is dead, or dead and not yet collected by its parent. */
export function markOf(pid: number): ProcessMark | undefined {
  const startedAt = process.platform === 'linux' ? startedAtFromProc(pid) : startedAtFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** The mark of this process. */
export function ownMark(): ProcessMark {
  const mark = markOf(process.pid);
  if (!mark) throw new Error('This process cannot find itself');
  return mark;
}

/** Whether this very process still runs. */
export function isAlive(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.startedAt === mark.startedAt;
}

/** The command line of a process, words joined by a space; empty if it is gone. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform !== 'linux') return ps('command=', pid);
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Where a process works; undefined if it is gone, not ours to ask, or the system does not tell. */
export function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process, or to a group if the number is negative; one that is gone already is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** Kills whatever is left of a process group. */
export function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // ESRCH: the group is gone. EPERM (macOS): what is left of it are zombies.
  }
}

/** A process, its group and all their descendants: PostgreSQL's backends leave the group but keep their parent. */
export function familyOf(leader: number, all = allProcesses()): number[] {
  const family = new Set([leader, ...all.filter(({ group }) => group === leader).map(({ pid }) => pid)]);
  let before = 0;
  while (before < family.size) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return [...family];
}

/** Every process that the system shows. */
export function allProcesses(): ProcessFacts[] {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid='], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0, group = 0]) => ({ pid, parent, group }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const fields = statFields(Number(name));
      return fields ? [{ pid: Number(name), parent: Number(fields[1]), group: Number(fields[2]) }] : [];
    });
}

/** Memory of one process in bytes: its fair share of shared pages where the system tells, else the resident size. */
export function memoryOf(pid: number): number {
  const read = [
    () => /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1],
    () => /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
    () => ps('rss=', pid),
  ];
  for (const kilobytes of read) {
    try {
      return Number(kilobytes() ?? 0) * 1024;
    } catch {
      // Not told here, or not to us.
    }
  }
  return 0;
}

function startedAtFromProc(pid: number): string | undefined {
  const fields = statFields(pid);
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${fields[19]}@${bootId()}`;
}

function startedAtFromPs(pid: number): string | undefined {
  try {
    return ps('stat=', pid).startsWith('Z') ? undefined : ps('lstart=', pid);
  } catch {
    return undefined;
  }
}

/** The fields of /proc/<pid>/stat from the third on; the second, the name, may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

// Start times count from boot, so the boot is part of the mark.
let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  return boot;
}

function ps(column: string, pid: number): string {
  return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
}
