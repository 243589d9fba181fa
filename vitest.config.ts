import { defineConfig } from 'vitest/config';

/** Real servers are started once for the whole run; each file has a database and a task queue of its own. */
const onServers = {
  globalSetup: ['test/support/servers.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000, interval: 25 } },
};

export default defineConfig({
  test: {
    reporters: ['default', './scripts/reporter.ts'],
    projects: [
      {
        // Pure functions: modules that one file has loaded serve the next. One worker for all of them, so a group apart.
        test: {
          name: 'rules',
          include: ['test/*.test.ts', 'test/domain/**/*.test.ts'],
          testTimeout: 30_000,
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'edges',
          include: ['test/{cli,activities,workers}/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      { test: { name: 'embedded', include: ['test/embedded/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'servers',
          include: ['test/{storage,workflows,api,replay,record-kind,end-to-end}/**/*.test.ts'],
          ...onServers,
          maxWorkers: 2,
        },
      },
      { test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 600_000 } },
    ],
  },
});
