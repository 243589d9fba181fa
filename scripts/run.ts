import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';

/** Runs a program of the project's own Node; `quiet` keeps its output for later, and one that is `patient` leaves the processor to others. */
export async function run(name: string, args: readonly string[], { quiet = false, patient = false } = {}) {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env: quiet ? { ...process.env, NO_COLOR: '1' } : process.env,
  });
  if (patient && child.pid !== undefined) setPriority(child.pid, 10);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'close');
  return { name, ok: code === 0, output, ms: performance.now() - begun };
}
