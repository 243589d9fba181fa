import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alertmanager, cacheOf, type Command, findTool, prometheus, type Tool } from '../embedded/monitoring.ts';

/** A Prometheus to test against. */
export const findPrometheus = (): string | undefined => findTool(prometheus)?.[0];

/** Its tool, which checks rules and writes blocks. */
export const findPromtool = (): string | undefined => findTool({ ...prometheus, programs: ['promtool'] })?.[0];

/** An Alertmanager to test against, as what comes ahead of its arguments. */
export const findAlertmanager = (): Command | undefined => findTool(alertmanager);

/** Fetches the packages of a Debian machine and unpacks them into the user's cache; nothing is installed. */
export function provideMonitoring(say: (line: string) => void): void {
  for (const tool of [prometheus, alertmanager]) provide(tool, say);
}

function provide(tool: Tool, say: (line: string) => void): void {
  if (findTool(tool) !== undefined) return;
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
