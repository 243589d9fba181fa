import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { makeOnce, type Control } from './cache.ts';
import { runProgram } from './program.ts';
import { followBuild } from './progress.ts';
import type { Go } from './temporal-ways.ts';

/** Go programs of one module, built once for the user. */
export interface Build {
  folder: string;
  /** What a person calls it, without an article. */
  name: string;
  module: string;
  version: string;
  /** The package of each program, below the module. */
  programs: Record<string, string>;
  /** What it takes of a processor, rounded up. */
  cpuMinutes: number;
  go: Go;
  /** Whether the rest of the machine goes first. */
  inBackground?: boolean;
}

/** Builds programs into a temporary folder and moves them into place; rejects with Go's words if they do not build. */
export async function buildPrograms(build: Build, control: Control): Promise<void> {
  const { folder, programs, go } = build;
  const names = Object.keys(programs);
  const isBuilt = (): boolean => names.every((name) => existsSync(join(folder, name)));
  await makeOnce(folder, names[0] ?? '', control, async (unfinished) => {
    if (isBuilt()) return;
    await install(build, unfinished, control);
    for (const [name, path] of Object.entries(programs)) {
      renameSync(join(unfinished, basename(path)), join(folder, name));
    }
  });
  // Modules and objects are some gigabytes, which nobody else uses. After a start that was given up they stay: the
  // next one goes on from there.
  if (go.isOurs) await rm(workFolder(folder), { recursive: true, force: true });
}

async function install(build: Build, into: string, { say, signal }: Control): Promise<void> {
  const { folder, name, module, version, programs, cpuMinutes, go, inBackground = false } = build;
  const packages = Object.values(programs).map((path) => `${module}/${path}`);
  say(`Building the ${name} ${version} with Go ${go.version}, once for this user: ${estimate(cpuMinutes)}`);

  const work = workFolder(folder);
  if (go.isOurs) mkdirSync(work, { recursive: true });
  const env = {
    ...go.env,
    GOBIN: into,
    // Needs no C compiler, and runs whatever the libc.
    CGO_ENABLED: '0',
    GOFLAGS: `-buildvcs=false${go.isOurs ? ' -modcacherw' : ''}`,
    ...(go.isOurs && { GOPATH: join(work, 'path'), GOCACHE: join(work, 'objects') }),
  };
  const progress = followBuild(packages);
  const command = [go.program, 'install', '-v', ...packages.map((path) => `${path}@v${version}`)];
  const saying = setInterval(() => say(`  ${name}: ${progress.now()}`), 10_000);
  try {
    await runProgram(command, { env, signal, inBackground, onLine: progress.read });
  } finally {
    clearInterval(saying);
  }
  say(`Built the ${name} in ${progress.summary()}`);
}

/** Downloads count little beside it, unless the line is slow. */
function estimate(cpuMinutes: number): string {
  const processors = availableParallelism();
  const minutes = Math.ceil(cpuMinutes / processors);
  return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} on ${processors} processors, if nothing else uses them`;
}

const workFolder = (folder: string): string => join(folder, '.go');
