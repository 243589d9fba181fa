import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What of Prometheus is tested against: a program, and the Debian package that has it. */
interface Tool {
  /** Under these names a machine has it. */
  programs: readonly string[];
  package: string;
  folder: string;
  /** Debian's reads its templates from `/usr/share`, where nothing is installed: only the program itself sees them there. */
  readsShare?: true;
}

const prometheus: Tool = { programs: ['prometheus'], package: 'prometheus', folder: 'prometheus' };
const alertmanager: Tool = {
  programs: ['prometheus-alertmanager', 'alertmanager'],
  package: 'prometheus-alertmanager',
  folder: 'alertmanager',
  readsShare: true,
};

const cacheOf = ({ folder }: Tool): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'evenkeel', folder);

/** A program that runs, with the arguments that come ahead of its own. */
type Command = [program: string, ...ahead: string[]];

const isCommand = ([program, ...ahead]: Command): boolean => {
  try {
    execFileSync(program, [...ahead, '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The machine's own, or the one in the user's cache; undefined when there is none. */
const find = (tool: Tool): Command | undefined => {
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

/** A Prometheus to test against. */
export const findPrometheus = (): string | undefined => find(prometheus)?.[0];

/** An Alertmanager to test against, as what comes ahead of its arguments. */
export const findAlertmanager = (): Command | undefined => find(alertmanager);

/** Fetches the packages of a Debian machine and unpacks them into the user's cache; nothing is installed. */
export function provideMonitoring(say: (line: string) => void): void {
  for (const tool of [prometheus, alertmanager]) provide(tool, say);
}

function provide(tool: Tool, say: (line: string) => void): void {
  if (find(tool) !== undefined) return;
  const cached = cacheOf(tool);
  mkdirSync(dirname(cached), { recursive: true });
  const folder = mkdtempSync(`${cached}.part-`);
  try {
    execFileSync('apt-get', ['download', tool.package], { cwd: folder, stdio: 'ignore', timeout: 120_000 });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', String(archive), 'unpacked'], { cwd: folder, stdio: 'ignore', timeout: 60_000 });
    rmSync(cached, { recursive: true, force: true });
    renameSync(join(folder, 'unpacked'), cached);
    say(`${tool.package} unpacked from its package`);
  } catch {
    say(`There is no ${tool.package} and no package of it: its tests are skipped`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
