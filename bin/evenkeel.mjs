#!/usr/bin/env node
// Evenkeel needs Node.js 24. Where an older one is on the PATH, the one that npm installed with it takes over.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) >= 24) {
  keepCompiled();
  await import('../cli/main.ts');
} else runWithOwnNode();

/**
 * What Node.js makes of our files is kept for the next time, and for the processes that this one starts: reading TypeScript
 * takes time, and 15 MB as long as the process lives. Only in a folder of our own: what is in there is run.
 */
function keepCompiled() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = (process.env.NODE_COMPILE_CACHE ||= join(cache, 'evenkeel', 'compiled'));
  try {
    for (const each of [cache, join(cache, 'evenkeel'), folder])
      if (!existsSync(each)) mkdirSync(each, { mode: 0o700 });
    if (statSync(folder).uid === process.getuid?.()) return module.enableCompileCache(folder);
  } catch {
    // Without it everything works, more slowly.
  }
  delete process.env.NODE_COMPILE_CACHE;
}

function runWithOwnNode() {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
  if (!existsSync(node)) {
    console.error(
      `Evenkeel needs Node.js 24 and this is ${process.versions.node}: install it, or run npm install here`,
    );
    process.exit(1);
  }

  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
