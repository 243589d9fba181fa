/** Writes and sends one report that was ordered. */
export const reportWorkflowType = 'produceReport';
/** Writes and sends the reports of the month before. */
export const monthlyReportsWorkflowType = 'produceMonthlyReports';
/** Reminds of signals that wait for an answer. */
export const signalChaseWorkflowType = 'chaseSignals';

export interface ReportInput {
  workflowId: string;
  report: string;
}
