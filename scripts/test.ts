import { provideTemporal } from '../embedded/temporal-binaries.ts';
import { provideMonitoring } from './prometheus.ts';
import { run } from './run.ts';

const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
const check = new URL('check.ts', import.meta.url).pathname;

/** The whole suite: the servers it needs, the checks, then every test on them. The last line counts the tests. */
await provideTemporal((line) => console.log(line), new AbortController().signal);
provideMonitoring((line) => console.log(line));
const checked = await run('check', [check]);
const tested = await run('tests', [vitest, 'run', ...process.argv.slice(2)]);
process.exitCode = checked.ok && tested.ok ? 0 : 1;
