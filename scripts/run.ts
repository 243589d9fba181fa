import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program of the project's own Node; `quiet` keeps its output for later. */
export async function run(name: string, args: readonly string[], { quiet = false } = {}) {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env: quiet ? { ...process.env, NO_COLOR: '1' } : process.env,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'close');
  return { name, ok: code === 0, output, ms: performance.now() - begun };
}
