import { execFile, spawn } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readJsonFile } from './json-file.ts';
import { isAlive, isMark, markOf, signalProcess } from './process.ts';
import { hasCode } from './system-error.ts';

/** One Go program to build, once for the user. */
export type Build = {
  folder: string;
  program: string;
  source: string;
  go: string;
  say: (line: string) => void;
  signal: AbortSignal;
};

const PROGRESS_EVERY_MS = 5000;

/** Whether Go 1.26 or newer is there; if not, `why`. */
export async function goVersion(): Promise<{ usable: true; version: string } | { usable: false; why: string }> {
  try {
    const { stdout } = await promisify(execFile)('go', ['version']);
    const [, version = '', major = 0, minor = 0] = /go((\d+)\.(\d+)\S*)/.exec(stdout) ?? [];
    if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 26)) return { usable: true, version };
    return { usable: false, why: `Go ${version} is too old, it takes Go 1.26` };
  } catch {
    return { usable: false, why: 'Go is not installed' };
  }
}

/** Builds a program into a temporary folder and moves it into place; rejects with Go's words if it does not build. */
export async function buildTemporal(build: Build): Promise<void> {
  const { folder, program } = build;
  mkdirSync(folder, { recursive: true });
  const unlock = await lock(join(folder, `.${program}.lock`), build);
  try {
    if (existsSync(join(folder, program))) return;
    sweep(folder, program);
    const into = mkdtempSync(join(folder, `.${program}-`));
    try {
      await install(build, into);
      const [built] = readdirSync(into);
      if (!built) throw new Error(`go install ${build.source} left no program in ${into}`);
      renameSync(join(into, built), join(folder, program));
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  } finally {
    unlock();
  }
}

async function install({ program, source, go, say, signal }: Build, into: string): Promise<void> {
  const since = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - since) / 1000)} s`;
  say(
    `Building ${program} with Go ${go}, once for this user${program === 'temporal-server' ? ' (takes some minutes)' : ''}`,
  );

  const compiler = spawn('go', ['install', '-v', source], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, GOBIN: into, GOFLAGS: '-buildvcs=false' },
    // A group of its own: giving up must reach Go's compilers and its linker too.
    detached: true,
  });
  const giveUp = (): void => {
    if (compiler.pid !== undefined) signalProcess(-compiler.pid, 'SIGINT');
  };
  signal.addEventListener('abort', giveUp, { once: true });
  let output = '';
  let modules = 0;
  let packages = 0;
  compiler.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000);
    const lines = text.split('\n').filter(Boolean);
    const downloads = lines.filter((line) => line.startsWith('go: ')).length;
    modules += downloads;
    packages += lines.length - downloads;
  });
  const progress = setInterval(
    () => say(`  ${program}: ${seconds()}, ${modules} modules fetched, ${packages} packages compiled`),
    PROGRESS_EVERY_MS,
  );
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      compiler.once('error', reject).once('close', resolve);
    });
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`go install ${source} failed:\n${output.trim().split('\n').slice(-10).join('\n')}`);
    say(`Built ${program} in ${seconds()}`);
  } finally {
    clearInterval(progress);
    signal.removeEventListener('abort', giveUp);
  }
}

/** One build of a program at a time; the lock of a process that died counts for nothing. */
async function lock(file: string, { program, say, signal }: Build): Promise<() => void> {
  let told = false;
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(markOf(process.pid)));
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        linkSync(mine, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      if (!holderLives(file)) {
        rmSync(file, { force: true });
        continue;
      }
      if (!told) say(`Another start is building ${program}: waiting for it`);
      told = true;
      await sleep(500, undefined, { signal });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function holderLives(file: string): boolean {
  const holder = readJsonFile(file, isMark);
  return holder !== undefined && isAlive(holder);
}

/** Removes what a build left behind that was killed. */
function sweep(folder: string, program: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`.${program}-`)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
