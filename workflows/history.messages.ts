export const archiveWorkflowType = 'archiveHistories';
export const archiveScheduleId = 'archive-histories';
