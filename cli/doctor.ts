import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createTransport } from 'nodemailer';
import { livingChildren } from '../embedded/pid-file.ts';
import { whyNotFree } from '../embedded/ports.ts';
import { postgresPackage } from '../embedded/postgres-binaries.ts';
import { cacheFolder } from '../embedded/cache.ts';
import { keeperOf } from '../embedded/temporal.ts';
import { findTemporal, waysOut } from '../embedded/temporal-binaries.ts';
import type { Way } from '../embedded/temporal-ways.ts';
import { besideOwnServers } from '../workers/config.ts';
import { settingFaults } from '../workers/settings.ts';
import { secretFindings } from './doctor-secrets.ts';
import { settingFindings } from './doctor-settings.ts';
import { listenAddress } from './start.ts';
import type { Finding } from './finding.ts';
import { readRun, type Run, stateDir as usualStateDir } from './state.ts';

const ok = (subject: string, detail: string): Finding => ({ subject, state: 'ok', detail });
const finding =
  (state: 'warn' | 'missing') =>
  (subject: string, detail: string, remedy: string): Finding => ({ subject, state, detail, remedy });
const warn = finding('warn');
const missing = finding('missing');

/** Looks at everything that `evenkeel start` needs, and changes nothing. */
export async function doctor(stateDir = usualStateDir()): Promise<Finding[]> {
  const own = ownServers();
  const run = readRun(stateDir);
  const findings = [
    node(),
    own,
    ...(run ? [running(run)] : []),
    ...settingFindings(process.env, stateDir),
    ...(run ? await secretFindings(process.env, stateDir, run.address) : []),
    folder(stateDir),
    ...(run ? [] : [await port(stateDir)]),
    await mail(),
    leftovers(stateDir),
  ];
  if (own.state === 'ok' && process.env['DATABASE_URL']) return findings;
  return [...findings, postgres(), ...(await temporal(stateDir)), disk(stateDir, 1, 'databases and logs')];
}

export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .flatMap(({ subject, state, detail, remedy }) => [
      `${state.padEnd(8)} ${subject.padEnd(18)} ${detail}`,
      ...(remedy === undefined ? [] : [remedy.replaceAll(/^/gm, ' '.repeat(9))]),
    ])
    .join('\n');

function node(): Finding {
  const version = process.versions.node;
  const isNew = Number(version.split('.')[0]) >= 24;
  return isNew ? ok('Node.js', version) : missing('Node.js', version, 'Install Node.js 24 or newer.');
}

function ownServers(): Finding {
  const set = ['DATABASE_URL', 'TEMPORAL_ADDRESS'].filter((name) => process.env[name]);
  if (set.length === 2) return ok('servers', 'your own, by DATABASE_URL and TEMPORAL_ADDRESS');
  if (set.length === 0) return ok('servers', 'started here, as children');
  return missing('servers', `only ${set[0]} is set`, 'Set both DATABASE_URL and TEMPORAL_ADDRESS, or neither.');
}

/** What follows is of the next start: a running process keeps the settings that it was started with. */
const running = ({ address, supervisor }: Run): Finding => ({
  ...ok('Evenkeel', `runs at ${address} (pid ${supervisor.pid})`),
  remedy: "What follows, mail and the like, is read from this shell's environment, not from the running process.",
});

function folder(stateDir: string): Finding {
  try {
    accessSync(nearest(stateDir), constants.W_OK | constants.X_OK);
    return ok('state folder', stateDir);
  } catch {
    const remedy = 'It is not writable: set EVENKEEL_STATE_DIR to a writable folder.';
    return missing('state folder', stateDir, remedy);
  }
}

async function port(stateDir: string): Promise<Finding> {
  // What is wrong with it stands among the settings.
  if (settingFaults(besideOwnServers(process.env)).some(({ name }) => name === 'EVENKEEL_PORT'))
    return missing('port', `${process.env['EVENKEEL_PORT']} is not a port`, 'Choose one with EVENKEEL_PORT.');
  const { host, port: number } = listenAddress();
  const address = `${host}:${number}`;
  if (livingChildren(stateDir).some(({ name }) => name === 'evenkeel')) return ok('port', `${address}, Evenkeel runs`);
  if ((await whyNotFree(number, host)) === undefined) return ok('port', `${address}, free`);
  const remedy = 'It is in use: choose another port with EVENKEEL_PORT.';
  return missing('port', `${address}, taken`, remedy);
}

/** Connects and signs in, and sends nothing. */
async function mail(): Promise<Finding> {
  const url = process.env['EVENKEEL_SMTP_URL'];
  if (url) {
    const server = URL.parse(url)?.host ?? 'EVENKEEL_SMTP_URL';
    const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000 };
    try {
      await createTransport({ url, ...limits }).verify();
      return ok('mail', `${server} accepts the login`);
    } catch (error) {
      const remedy = 'Fix EVENKEEL_SMTP_URL or the server. Until then mails wait in the outbox, and nobody is asked.';
      return missing('mail', `${server}: ${error instanceof Error ? error.message : 'no answer'}`, remedy);
    }
  }
  const remedy =
    'Set EVENKEEL_SMTP_URL: people are asked and notified by mail. Until then their mails wait in the outbox.';
  return warn('mail', 'no server', remedy);
}

function leftovers(stateDir: string): Finding {
  const names = readRun(stateDir) ? [] : livingChildren(stateDir).map(({ name, pid }) => `${name} (pid ${pid})`);
  if (names.length === 0) return ok('leftovers', 'none');
  const remedy = '`evenkeel start` adopts them; `evenkeel stop` stops them.';
  return warn('leftovers', `without a supervisor: ${names.join(', ')}`, remedy);
}

function postgres(): Finding {
  try {
    return ok('PostgreSQL', `${postgresPackage().version}, from npm`);
  } catch (error) {
    const remedy = error instanceof Error ? error.message : String(error);
    return missing('PostgreSQL', `no package for ${process.platform}-${process.arch}`, remedy);
  }
}

async function temporal(stateDir: string): Promise<Finding[]> {
  const subject = 'Temporal server';
  try {
    const found = await findTemporal(keeperOf(stateDir));
    if (found.kind === 'server') return [ok(subject, found.server)];
    if (found.kind === 'cli') return [ok(subject, `${found.cli} server start-dev`)];
    if (found.kind === 'missing') return [missing(subject, `none: ${found.why}`, waysOut)];
    const detail = `will be built at the next start, once (some minutes), ${found.ways.map(inWords).join('; else ')}`;
    return [ok(subject, detail), disk(cacheFolder(), 5, 'building Temporal')];
  } catch (error) {
    return [missing(subject, error instanceof Error ? error.message : String(error), waysOut)];
  }
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
  const freeGb = (bavail * bsize) / 1024 ** 3;
  const detail = `${freeGb.toFixed(1)} GB free at ${at}, for ${what}`;
  if (freeGb >= neededGb) return ok('disk space', detail);
  return (freeGb < neededGb / 4 ? missing : warn)('disk space', detail, `It needs ${neededGb} GB.`);
}

/** The folder itself, or the nearest one above it that exists. */
function nearest(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearest(dirname(path));
}
