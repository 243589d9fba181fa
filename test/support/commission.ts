import type { PlanCommission } from '../../domain/operation-plan.ts';

/** What most plans of the tests were opened for. */
export const commission: PlanCommission = {
  service: 'checkout',
  environment: 'production',
  template: 'release',
  catalogueRevision: 1,
  parameters: {},
  trigger: { key: 'k', type: 'deployment', artifact: 'a', source: 's', requester: 'rex' },
};
