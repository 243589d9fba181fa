import type { ReportStore } from '../../../domain/ports.ts';
import type { Reference } from '../../../domain/reference.ts';

interface Kept {
  belongsTo: Reference;
  kind: string;
  number: number;
  markdown: string;
  record: unknown;
}

export interface MemoryReportStore extends ReportStore {
  of(record: Reference): Promise<Kept[]>;
}

export const createMemoryReportStore = (): MemoryReportStore => {
  const reports = new Map<string, Kept>();
  return {
    async save(belongsTo, kind, number, markdown, record) {
      const key = `${belongsTo}/${kind}/${number}`;
      if (!reports.has(key)) reports.set(key, structuredClone({ belongsTo, kind, number, markdown, record }));
    },
    of: async (record) => [...reports.values()].filter(({ belongsTo }) => belongsTo === record),
  };
};
