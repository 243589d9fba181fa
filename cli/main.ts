import { run } from './program.ts';

// `evenkeel plan list | head -1`: whoever reads has seen enough. What runs servers goes on without its terminal.
const outlivesReader = process.argv.some((word) => word === 'start' || word === 'demo');
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!outlivesReader) process.exit();
  });
}

process.exitCode = await run(process.argv.slice(2));
