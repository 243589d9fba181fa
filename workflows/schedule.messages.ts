/** A schedule gives its workflows its own id with the time behind it. */
const time = /-\d{4}-\d\d-\d\dT[\d:]+Z$/;

export const isScheduled = (workflowId: string): boolean => time.test(workflowId);

/** What a workflow is about, by the last part of its id: what a schedule gives as input is sealed for another one. */
export const nameIn = (workflowId: string): string =>
  workflowId.slice(workflowId.lastIndexOf('/') + 1).replace(time, '');
