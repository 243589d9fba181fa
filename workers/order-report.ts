import { reportReference } from '../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../domain/inbox.ts';
import type { ReportOrder } from '../domain/performance-report.ts';
import { orderedEntry } from '../domain/performance-report/ordered.ts';
import type { PerformanceReportStore } from '../domain/performance-report/ports.ts';
import { type ReportInput, reportWorkflowType } from '../workflows/performance-report.messages.ts';
import { startOnce, type StartPorts } from './start-once.ts';

export interface ReportPorts extends StartPorts {
  performanceReports: Pick<PerformanceReportStore, 'open'>;
}

/** Opens each report that somebody has asked for, once for each row, and starts its workflow. */
export async function deliverReports(
  { id, actor, receivedAt, team }: InboxRow,
  orders: readonly ReportOrder[],
  ports: ReportPorts,
): Promise<Delivered> {
  const records = [];
  for (const [at, ordered] of orders.entries()) {
    const order = { ...ordered, orderedBy: actor, orderedAt: receivedAt, ...(team && { team }) };
    const report = await ports.performanceReports.open(`${id}/${at}`, order, (of) =>
      orderedEntry({ ...order, id: of }),
    );
    const belongsTo = reportReference(report);
    const input: ReportInput = { workflowId: belongsTo, report };
    await startOnce(ports, { type: reportWorkflowType, belongsTo, input });
    records.push(belongsTo);
  }
  return { state: 'delivered', verdict: { records } };
}
