import { z } from 'zod';

/** What is done again and again for a service that is live. */
export const RoutineKind = z.enum([
  'monitoring-setup',
  'post-deploy-verification',
  'hypercare',
  'runbook-drill',
  'backup-verification',
  'restore-test',
  'failover-test',
  'dr-exercise',
  'security-scan',
  'pen-test',
  'patching',
  'rotation',
  'access-review',
  'capacity-review',
  'compliance-evidence',
]);
export type RoutineKind = z.infer<typeof RoutineKind>;
