#!/usr/bin/env node
// Evenkeel needs Node.js 24. Where an older one is on the PATH, the one that npm installed with it takes over.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) >= 24) await import('../cli/main.ts');
else runWithOwnNode();

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
