import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a signal to a whole group; 0 asks alone. False when nothing of the group is left. */
export const signalGroup = (group: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean => {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
};

/** Waits until nothing of the group runs any more, at the latest until this moment. */
export const untilGone = async (group: number, until: number): Promise<void> => {
  while (Date.now() < until && (await runs(group))) await sleep(25);
};

/** Processes that have ended stay in their group until somebody has taken note, which nobody does in some containers. */
const runs = async (group: number): Promise<boolean> => {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const members = await Promise.all(pids.map((pid) => isRunning(pid, group)));
  return pids.length === 0 || members.includes(true);
};

const isRunning = async (pid: string, group: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Behind the name, which may hold anything: state, parent, group.
  const [state = '', , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(of) === group && state !== 'Z' && state !== 'X';
};
