import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A program of Prometheus, and the Debian package that has it. */
export interface Tool {
  /** Under these names a machine has it. */
  programs: readonly string[];
  package: string;
  folder: string;
  /** Debian's reads its templates from `/usr/share`, where nothing is installed: only the program itself sees them there. */
  readsShare?: true;
}

export const prometheus: Tool = { programs: ['prometheus'], package: 'prometheus', folder: 'prometheus' };
export const alertmanager: Tool = {
  programs: ['prometheus-alertmanager', 'alertmanager'],
  package: 'prometheus-alertmanager',
  folder: 'alertmanager',
  readsShare: true,
};

/** Where its package is unpacked to. */
export const cacheOf = ({ folder }: Tool): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'evenkeel', folder);

/** A program that runs, with the arguments that come ahead of its own. */
export type Command = [program: string, ...ahead: string[]];

const isCommand = ([program, ...ahead]: Command): boolean => {
  try {
    execFileSync(program, [...ahead, '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The machine's own, or the one in the user's cache; undefined when there is none. */
export const findTool = (tool: Tool): Command | undefined => {
  const own = tool.programs.map((program): Command => [program]);
  return [...own, unpacked(tool)].find(isCommand);
};

const unpacked = (tool: Tool): Command => {
  const root = join(cacheOf(tool), 'usr');
  const program = join(root, 'bin', tool.programs[0]!);
  if (!tool.readsShare) return [program];
  const layers = `lowerdir=${join(root, 'share')}:/usr/share`;
  return ['unshare', '-rm', 'sh', '-c', `mount -t overlay overlay -o ${layers} /usr/share && exec "$0" "$@"`, program];
};
