import { computing } from './activities.ts';
import type { ReportInput } from './performance-report.messages.ts';

/** Writes a report that somebody has ordered and sends it. */
export async function produceReport({ report }: ReportInput): Promise<void> {
  await produce(report);
}

/** Writes and sends the reports of the month before, one after the other; started by a schedule. */
export async function produceMonthlyReports(): Promise<void> {
  for (const report of await computing.orderMonthlyReports({ at: Date.now() })) await produce(report);
}

/** Reminds of signals that nobody has answered; started by a schedule. */
export async function chaseSignals(): Promise<void> {
  await computing.chaseSignals({ at: Date.now() });
}

const produce = async (report: string): Promise<void> => {
  await computing.writePerformanceReport({ report, at: Date.now() });
  await computing.sendPerformanceReport({ report });
};
