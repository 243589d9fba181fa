/** Looks for what keeps happening, as somebody has ordered. */
export const patternsWorkflowType = 'findPatterns';
/** Looks for what keeps happening each day. */
export const dailyPatternsWorkflowType = 'findDailyPatterns';

export interface PatternsInput {
  workflowId: string;
  run: string;
}
