import type { Context } from '../context.ts';
import type { Operation } from '../operation.ts';
import { approvalOperations } from './approval.ts';
import { auditOperations } from './audit.ts';
import { catalogueOperations } from './catalogue.ts';
import { deploymentOperations } from './deployment.ts';
import { healthOperations } from './health.ts';
import { hookOperations } from './hook/index.ts';
import { inboxOperations } from './inbox.ts';
import { planOperations } from './operation-plan/index.ts';
import { readinessOperations } from './readiness.ts';
import { runOperations } from './run.ts';
import { taskOperations } from './task.ts';
import { tokenOperations } from './token.ts';

/** The map of operations: every route that there is. */
export const operationsOf = (context: Context): Operation[] => [
  ...healthOperations(context),
  ...hookOperations(context),
  ...deploymentOperations(context),
  ...planOperations(context),
  ...approvalOperations(context),
  ...runOperations(context),
  ...taskOperations(context),
  ...readinessOperations(context),
  ...catalogueOperations(context),
  ...inboxOperations(context),
  ...auditOperations(context),
  ...tokenOperations(context),
];
