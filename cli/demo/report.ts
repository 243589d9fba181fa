import { setTimeout as sleep } from 'node:timers/promises';
import type { ListedReport } from '../../api/routes/performance-report.ts';
import type { PerformanceReport } from '../../domain/performance-report.ts';
import { type Api, route } from '../api.ts';

const pollMs = 100;
const withinMs = 20_000;

/** The report of the month that runs, as the schedule of each month would order it; once it is written. */
export const playReport = async (
  api: Api,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<PerformanceReport> => {
  await api.command('/v1/performance-reports', { service: 'checkout' });
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(pollMs, undefined, { signal })) {
    const { items } = await api.get<{ items: ListedReport[] }>('/v1/performance-reports', { limit: '1' });
    const [newest] = items;
    if (newest === undefined || newest.writtenAt === null) continue;
    const report = await api.get<PerformanceReport>(route`/v1/performance-reports/${newest.id}`);
    say(`the report of the month is written: ${report.incidents.length} incidents, ${report.problems.length} problem`);
    return report;
  }
  throw new Error(`the report was not written within ${withinMs / 1_000} s`);
};
