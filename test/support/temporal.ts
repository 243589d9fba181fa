import { inject } from 'vitest';
import { readConfig } from '../../workers/config.ts';
import { connectionOptions } from '../../workers/temporal.ts';

/** How to reach the Temporal of this test run, with the certificates of its state folder. */
export const temporalConnection = (): ReturnType<typeof connectionOptions> =>
  connectionOptions(readConfig({ DATABASE_URL: 'postgresql://not-used', ...inject('temporal') }));
