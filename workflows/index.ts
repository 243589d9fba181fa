export { manageIncident } from './incident/index.ts';
export { manageProblem } from './problem/index.ts';
export { runOperationPlan } from './operation-plan/index.ts';
export { executeRunbook } from './runbook/index.ts';
export { chaseSignals, produceMonthlyReports, produceReport } from './performance-report.ts';
export { findDailyPatterns, findPatterns } from './pattern.ts';
export { openRoutineRuns } from './routine.ts';
export { archiveHistories } from './history.ts';
export { measureObjectives } from './objective.ts';
