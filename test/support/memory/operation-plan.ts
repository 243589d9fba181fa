import type { OperationPlan, PlanCommission } from '../../../domain/operation-plan.ts';
import { isOver } from '../../../domain/operation-plan/record.rules.ts';
import type { PlanContent } from '../../../domain/operation-plan/content.ts';
import type { PlanStart, PlanStore } from '../../../domain/ports.ts';
import { idOf } from '../../../domain/identifiers.ts';
import type { Reference } from '../../../domain/reference.ts';
import { commission } from '../commission.ts';
import type { MemoryLedger } from './ledger.ts';

interface Kept {
  record: OperationPlan | null;
  workflowId: string;
  team: string;
  commission: PlanCommission;
  openedAt: string;
}

export interface MemoryPlanStore extends PlanStore {
  /** The guard that an accepted trigger leaves behind. */
  open(id: string, workflowId: string, team: string): void;
  isClosed(record: Reference): boolean;
}

export const createMemoryPlanStore = (ledger: MemoryLedger): MemoryPlanStore => {
  const plans = new Map<string, Kept>();
  const starts = new Map<string, PlanStart>();
  const contents = new Map<string, { digest: string; content: PlanContent }>();
  return {
    open: (id, workflowId, team) =>
      void plans.set(id, { record: null, workflowId, team, commission, openedAt: new Date().toISOString() }),
    isClosed: (reference) => {
      const plan = plans.get(idOf(reference));
      return plan?.record ? isOver(plan.record) : !plan;
    },
    find: async (id) => structuredClone(plans.get(id)),
    async save(record, entries) {
      const kept = plans.get(record.id);
      if (kept && (kept.record?.rev ?? 0) < record.rev) kept.record = structuredClone(record);
      ledger.append(entries);
    },
    openedFor: async (id) => plans.get(id)?.commission,
    async start({ plan, revision, digest }) {
      const before = starts.get(plan);
      if (!before) starts.set(plan, { plan, revision, digest });
      return starts.get(plan)?.digest === digest;
    },
    revisionOf: async (plan, digest) => {
      const [key] = [...contents].find(([of, kept]) => of.startsWith(`${plan}/`) && kept.digest === digest) ?? [];
      return key === undefined ? undefined : Number(key.slice(plan.length + 1));
    },
    openBefore: () => Promise.resolve([]),
    openOf: () => Promise.resolve([]),
    startOf: async (plan) => starts.get(plan),
    startOfRuns: async (plan) => starts.get(plan),
    latestRevision: async (plan) =>
      [...contents.keys()]
        .filter((key) => key.startsWith(`${plan}/`))
        .map((key) => Number(key.slice(plan.length + 1)))
        .toSorted((a, b) => b - a)[0],
    async saveContent(plan, revision, digest, content) {
      const key = `${plan}/${revision}`;
      if (!contents.has(key)) contents.set(key, structuredClone({ digest, content }));
    },
    toldBy: async () => [],
    content: async (plan, revision) => structuredClone(contents.get(`${plan}/${revision}`)),
  };
};
