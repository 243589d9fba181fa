import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { livingChildren } from '../embedded/pid-file.ts';
import { isFree } from '../embedded/ports.ts';
import { postgresPackage } from '../embedded/postgres-binaries.ts';
import { cacheFolder } from '../embedded/cache.ts';
import { keeperOf } from '../embedded/temporal.ts';
import { type Found, findTemporal, waysOut } from '../embedded/temporal-binaries.ts';
import type { Way } from '../embedded/temporal-ways.ts';
import { listenAddress } from './start.ts';
import { readRun, stateDir as usualStateDir } from './state.ts';

export interface Finding {
  subject: string;
  state: 'ok' | 'warn' | 'missing';
  detail: string;
  /** What to do about it. */
  mend?: string;
}

const gigabyte = 1024 ** 3;

/** Looks at everything that `evenkeel start` needs, and changes nothing. */
export async function doctor(stateDir = usualStateDir()): Promise<Finding[]> {
  const own = ownServers();
  const findings = [node(), own, folder(stateDir), await port(stateDir), mail(), leftovers(stateDir)];
  if (own.state === 'ok' && process.env['DATABASE_URL']) return findings;
  return [...findings, postgres(), ...(await temporal(stateDir)), disk(stateDir, 1, 'databases and logs')];
}

export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .flatMap(({ subject, state, detail, mend }) => [
      `${state.padEnd(8)} ${subject.padEnd(18)} ${detail}`,
      ...(mend === undefined ? [] : [mend.replaceAll(/^/gm, ' '.repeat(9))]),
    ])
    .join('\n');

function node(): Finding {
  const version = process.versions.node;
  const isNew = Number(version.split('.')[0]) >= 24;
  const finding = { subject: 'Node.js', detail: version };
  return isNew ? { ...finding, state: 'ok' } : { ...finding, state: 'missing', mend: 'Install Node.js 24 or newer.' };
}

function ownServers(): Finding {
  const set = ['DATABASE_URL', 'TEMPORAL_ADDRESS'].filter((name) => process.env[name]);
  const subject = 'servers';
  if (set.length === 2) return { subject, state: 'ok', detail: 'your own, by DATABASE_URL and TEMPORAL_ADDRESS' };
  if (set.length === 0) return { subject, state: 'ok', detail: 'started here, as children' };
  return {
    subject,
    state: 'missing',
    detail: `only ${set[0]} is set`,
    mend: 'Set DATABASE_URL and TEMPORAL_ADDRESS, or none.',
  };
}

function folder(stateDir: string): Finding {
  const finding = { subject: 'state folder', detail: stateDir };
  try {
    accessSync(nearest(stateDir), constants.W_OK | constants.X_OK);
    return { ...finding, state: 'ok' };
  } catch {
    const mend = 'It cannot be written: set EVENKEEL_STATE_DIR to a folder that can.';
    return { ...finding, state: 'missing', mend };
  }
}

async function port(stateDir: string): Promise<Finding> {
  const { host, port: number } = listenAddress();
  const finding = { subject: 'port', detail: `${host}:${number}` };
  const ours = readRun(stateDir) !== undefined || livingChildren(stateDir).some(({ name }) => name === 'evenkeel');
  if (ours) return { ...finding, state: 'ok', detail: `${finding.detail}, Evenkeel runs` };
  if (await isFree(number, host)) return { ...finding, state: 'ok', detail: `${finding.detail}, free` };
  const mend = 'Somebody else listens there: choose another port with EVENKEEL_PORT.';
  return { ...finding, state: 'missing', detail: `${finding.detail}, taken`, mend };
}

function mail(): Finding {
  const subject = 'mail';
  if (process.env['EVENKEEL_SMTP_URL']) return { subject, state: 'ok', detail: 'by EVENKEEL_SMTP_URL' };
  const mend = 'Set EVENKEEL_SMTP_URL: people are asked and told by mail. Until then their mails wait in the outbox.';
  return { subject, state: 'warn', detail: 'no server', mend };
}

function leftovers(stateDir: string): Finding {
  const subject = 'leftovers';
  const names = readRun(stateDir) ? [] : livingChildren(stateDir).map(({ name, pid }) => `${name} (pid ${pid})`);
  if (names.length === 0) return { subject, state: 'ok', detail: 'none' };
  const mend = '`evenkeel start` adopts them, `evenkeel stop` stops them.';
  return { subject, state: 'warn', detail: `without a supervisor: ${names.join(', ')}`, mend };
}

function postgres(): Finding {
  const subject = 'PostgreSQL';
  try {
    return { subject, state: 'ok', detail: `${postgresPackage().version}, from npm` };
  } catch (error) {
    const mend = error instanceof Error ? error.message : String(error);
    return { subject, state: 'missing', detail: `none for ${process.platform}-${process.arch}`, mend };
  }
}

async function temporal(stateDir: string): Promise<Finding[]> {
  const subject = 'Temporal server';
  try {
    return reportTemporal(subject, await findTemporal(keeperOf(stateDir)));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ subject, state: 'missing', detail, mend: waysOut }];
  }
}

function reportTemporal(subject: string, found: Found): Finding[] {
  if (found.kind === 'server') return [{ subject, state: 'ok', detail: found.server }];
  if (found.kind === 'cli') return [{ subject, state: 'ok', detail: `${found.cli} server start-dev` }];
  if (found.kind === 'missing') return [{ subject, state: 'missing', detail: `none: ${found.why}`, mend: waysOut }];
  const detail = `will be built at the next start, once (some minutes), ${found.ways.map(inWords).join('; else ')}`;
  return [{ subject, state: 'ok', detail }, disk(cacheFolder(), 5, 'building Temporal')];
}

function inWords(way: Way): string {
  switch (way.kind) {
    case 'go':
      return `by Go ${way.go.version}`;
    case 'older-go':
      return `by Go ${way.fetches}, which Go ${way.version} fetches`;
    case 'python':
      return `by a Go that ${way.tool} fetches`;
    case 'cli':
      return `run by ${way.cli}`;
  }
}

function disk(path: string, neededGb: number, what: string): Finding {
  const at = nearest(path);
  const { bavail, bsize } = statfsSync(at);
  const freeGb = (bavail * bsize) / gigabyte;
  const finding = { subject: 'disk space', detail: `${freeGb.toFixed(1)} GB free at ${at}, for ${what}` };
  if (freeGb >= neededGb) return { ...finding, state: 'ok' };
  return { ...finding, state: freeGb < neededGb / 4 ? 'missing' : 'warn', mend: `It wants ${neededGb} GB.` };
}

/** The folder itself, or the nearest one above it that exists. */
function nearest(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearest(dirname(path));
}
