import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { computing, computingForDays, computingInTurn } from './activities.ts';
import type { ReportInput } from './performance-report.messages.ts';

/** Writes a report that somebody has ordered and sends it. */
export async function produceReport({ report }: ReportInput): Promise<void> {
  await produce(report, computing);
}

/**
 * Writes and sends the reports of the month before, one after the other; started by a schedule. One that fails stops no
 * other one: it is tried again once all have had their turn, until the next month is near.
 */
export async function produceMonthlyReports(): Promise<void> {
  const late: string[] = [];
  for (const report of await computing.orderMonthlyReports({ at: Date.now() }))
    try {
      await produce(report, computingInTurn);
    } catch (error) {
      if (isCancellation(error)) throw error;
      late.push(report);
    }
  const ends = await Promise.allSettled(late.map((report) => produce(report, computingForDays)));
  const failed = late.filter((_, at) => ends[at]?.status === 'rejected');
  if (failed.length > 0) throw ApplicationFailure.nonRetryable(`reports that failed: ${failed.join(', ')}`);
}

/** Reminds of signals that nobody has answered; started by a schedule. */
export async function chaseSignals(): Promise<void> {
  await computing.chaseSignals({ at: Date.now() });
}

const produce = async (report: string, activities: typeof computing): Promise<void> => {
  await activities.writePerformanceReport({ report, at: Date.now() });
  await activities.sendPerformanceReport({ report });
};
