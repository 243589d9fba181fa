import { spawn } from 'node:child_process';

export interface Ran {
  name: string;
  ok: boolean;
  output: string;
  ms: number;
}

/** Runs a program of the project's own Node; `quiet` keeps its output for later. */
export function run(name: string, args: readonly string[], { quiet = false } = {}): Promise<Ran> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: quiet ? { ...process.env, NO_COLOR: '1' } : process.env,
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => resolve({ name, ok: false, output: error.message, ms: performance.now() - begun }));
    child.once('close', (code) => resolve({ name, ok: code === 0, output, ms: performance.now() - begun }));
  });
}
