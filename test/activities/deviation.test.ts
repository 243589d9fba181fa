import { expect, test } from 'vitest';
import { openForDeviation } from '../../activities/operation-plan/deviation.ts';
import type { LedgerEntry } from '../../domain/audit.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import { planId } from '../support/id.ts';

const at = '2026-11-28T17:00:00.000Z';

/** The incident that such an entry of a running plan opens. */
const openedBy = async (action: LedgerEntry['action'], { production = true } = {}) => {
  const opened: IncidentCommission[] = [];
  const incidents: Pick<IncidentStore, 'open'> = {
    async open(_, make) {
      opened.push(make(1).commission);
      return 1;
    },
  };
  const catalogue: Pick<CatalogueStore, 'find'> = {
    find: async (kind) => (kind === 'Environment' ? ({ production } as never) : undefined),
  };
  const plan = { id: planId('p1'), service: 'checkout', environment: 'here', team: 'shop', startedAt: at };
  const entry = { action, at } as LedgerEntry;
  await openForDeviation(
    { incidents: incidents as IncidentStore, catalogue: catalogue as CatalogueStore },
    { ...plan, catalogueRevision: 1 } as OperationPlan,
    [entry],
  );
  return opened[0]?.severity;
};

test.each([
  ['step.undo-failed', true, 'SEV-2'],
  ['plan.failed', true, 'SEV-2'],
  ['plan.failure-heard', true, 'SEV-3'],
  ['step.undo-failed', false, 'SEV-3'],
  ['plan.failed', false, 'SEV-3'],
  ['plan.completed', true, undefined],
] as const)('%s, in production: %s, opens %s', async (action, production, severity) => {
  expect(await openedBy(action, { production })).toBe(severity);
});
