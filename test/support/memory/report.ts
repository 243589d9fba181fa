import type { ReportStore } from '../../../domain/ports.ts';

interface Kept {
  plan: string;
  kind: string;
  number: number;
  markdown: string;
  record: unknown;
}

export interface MemoryReportStore extends ReportStore {
  ofPlan(plan: string): Promise<Kept[]>;
}

export const createMemoryReportStore = (): MemoryReportStore => {
  const reports = new Map<string, Kept>();
  return {
    async save(plan, kind, number, markdown, record) {
      const key = `${plan}/${kind}/${number}`;
      if (!reports.has(key)) reports.set(key, structuredClone({ plan, kind, number, markdown, record }));
    },
    ofPlan: async (plan) => [...reports.values()].filter((report) => report.plan === plan),
  };
};
