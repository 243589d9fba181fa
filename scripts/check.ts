import { run } from './run.ts';

const bin = (name: string, path: string): string =>
  new URL(`../node_modules/${name}/${path}`, import.meta.url).pathname;

/** Types, lint, format, dead code, and the tests that need no server. Says what failed, and how long each took. */
const checks = [
  ['types', [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json']],
  ['lint', [bin('oxlint', 'bin/oxlint'), '--deny-warnings']],
  ['format', [bin('oxfmt', 'bin/oxfmt'), '--check', '.']],
  ['dead code', [bin('knip', 'bin/knip.js'), '--no-progress']],
  ['rules', [bin('vitest', 'vitest.mjs'), 'run', '--project', 'rules', '--reporter', 'default', '--silent']],
] as const;

// The tests have one thread, and are the last to end: what has more of them waits.
const results = await Promise.all(
  checks.map(([name, args]) => run(name, args, { quiet: true, patient: name !== 'rules' })),
);
for (const { name, ok, output, ms } of results) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${(ms / 1000).toFixed(1)} s)`);
  if (!ok) console.log(output);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
