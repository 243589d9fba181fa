/** Measures one objective, begun by its schedule. */
export const objectiveWorkflowType = 'measureObjectives';

/** Sources that are slow have a task queue of their own: however many there are, they keep no step from its turn. */
export const lookQueueOf = (taskQueue: string): string => `${taskQueue}/looks`;

/** A schedule gives its workflows its own id with the time behind it. */
const time = /-\d{4}-\d\d-\d\dT[\d:]+Z$/;

export const isScheduled = (workflowId: string): boolean => time.test(workflowId);

/** The objective that a workflow measures: in its id, since what a schedule gives as input is sealed for another one. */
export const objectiveIn = (workflowId: string): string =>
  workflowId.slice(workflowId.lastIndexOf('/') + 1).replace(time, '');
