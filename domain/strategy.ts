import { z } from 'zod';

/** The ways in which service is restored. */
export const Strategy = z.enum([
  'rollback',
  'flag-off',
  'failover',
  'restart',
  'scale',
  'isolate',
  'configuration-revert',
  'data-restore',
  'vendor',
  'other',
]);
export type Strategy = z.infer<typeof Strategy>;
