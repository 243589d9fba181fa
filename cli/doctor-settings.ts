import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { besideOwnServers, type Settings, variables } from '../workers/config.ts';
import { settingFaults } from '../workers/settings.ts';
import type { Finding } from './finding.ts';
import { inShell } from './print.ts';
import { secretsFolder } from './state.ts';

/** The settings as a start would check them, and what stands in the folders that they name. */
export const settingFindings = (environment: Settings, stateDir: string): Finding[] => {
  const hasServers = Boolean(environment['DATABASE_URL']) && Boolean(environment['TEMPORAL_ADDRESS']);
  const faults = settingFaults(hasServers ? environment : besideOwnServers(environment));
  const strangers = strangersIn(environment);
  return [
    ...faults.map(({ name, message }): Finding => ({
      subject: name,
      state: 'missing',
      detail: message,
      remedy: 'Nothing starts until it is fixed.',
    })),
    ...strangers.map((name): Finding => ({
      subject: name,
      state: 'warn',
      detail: 'not a setting of Evenkeel',
      remedy: 'It has no effect: is it misspelt?',
    })),
    ...(faults.length + strangers.length === 0
      ? [{ subject: 'settings', state: 'ok', detail: 'as expected' } as const]
      : []),
    ...secretsIn(secretsFolder(stateDir, environment)),
    ...programsIn(environment['EVENKEEL_PROGRAMS_DIR']),
  ];
};

/** What the command line, the embedded servers and the compose file read besides. */
const others = ['URL', 'TOKEN', 'TEMPORAL_SERVER', 'WORKFLOW_BUNDLE', 'TAG', 'DB_PASSWORD', 'PROGRAMS'];

const strangersIn = (environment: Settings): string[] =>
  Object.keys(environment).filter(
    (name) =>
      name.startsWith('EVENKEEL_') &&
      !name.startsWith('EVENKEEL_SECRET_') &&
      !variables.includes(name) &&
      !others.includes(name.slice('EVENKEEL_'.length)),
  );

/** A folder that is not there is a fault of the settings, or holds nothing. */
const filesIn = (folder: string | undefined): string[] => {
  try {
    return folder ? readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile()) : [];
  } catch {
    return [];
  }
};

const secretsIn = (folder: string): Finding[] => {
  const names = filesIn(folder);
  if (names.length === 0) return [];
  const open = names.filter((name) => (statSync(join(folder, name)).mode & 0o004) !== 0);
  const odd = names.filter((name) => !/^[a-z0-9-]+$/.test(name));
  const found = `${names.length} in ${folder}`;
  if (open.length + odd.length === 0) return [{ subject: 'secrets', state: 'ok', detail: found }];
  const [details, remedies] = [[found], [] as string[]];
  if (open.length > 0) {
    details.push(`everybody can read ${open.join(', ')}`);
    remedies.push(changingMode('o-r', folder, open));
  }
  if (odd.length > 0) {
    details.push(`no document can refer to ${odd.join(', ')}`);
    remedies.push('Names have lower-case letters, digits and hyphens, and no extension.');
  }
  return [{ subject: 'secrets', state: 'warn', detail: details.join('; '), remedy: remedies.join('\n') }];
};

/** A command that a shell takes as it is, whatever the names are. */
const changingMode = (change: string, folder: string, names: readonly string[]): string =>
  ['chmod', change, ...names.map((name) => inShell(join(folder, name)))].join(' ');

const programsIn = (folder: string | undefined): Finding[] => {
  const names = filesIn(folder);
  if (!folder || names.length === 0) return [];
  const idle = names.filter((name) => !runs(join(folder, name)));
  const subject = 'programs';
  if (idle.length === 0) return [{ subject, state: 'ok', detail: `${names.length} in ${folder}` }];
  const remedy = changingMode('+x', folder, idle);
  return [{ subject, state: 'warn', detail: `cannot be run: ${idle.join(', ')}`, remedy }];
};

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
