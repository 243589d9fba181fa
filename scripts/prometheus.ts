import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const cached = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'evenkeel', 'prometheus');
const inCache = join(cached, 'usr', 'bin', 'prometheus');

const isProgram = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** A Prometheus to test against: the machine's own, or the one in the user's cache; undefined when there is none. */
export const findPrometheus = (): string | undefined => ['prometheus', inCache].find(isProgram);

/** Fetches the package of a Debian machine and unpacks it into the user's cache; nothing is installed. */
export function providePrometheus(say: (line: string) => void): void {
  if (findPrometheus() !== undefined) return;
  mkdirSync(dirname(cached), { recursive: true });
  const folder = mkdtempSync(`${cached}.part-`);
  try {
    execFileSync('apt-get', ['download', 'prometheus'], { cwd: folder, stdio: 'ignore', timeout: 120_000 });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', String(archive), 'unpacked'], { cwd: folder, stdio: 'ignore', timeout: 60_000 });
    rmSync(cached, { recursive: true, force: true });
    renameSync(join(folder, 'unpacked'), cached);
    say('Prometheus unpacked from its package');
  } catch {
    say('There is no Prometheus and no package of it: its test is skipped');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
