/** Measures one objective, started by its schedule. */
export const objectiveWorkflowType = 'measureObjectives';

/**
 * The objective that a workflow measures: a schedule gives its workflows its own id with the time behind it, and what it would
 * give them as input is sealed for another one.
 */
export const objectiveIn = (workflowId: string): string =>
  workflowId.slice(workflowId.lastIndexOf('/') + 1).replace(/-\d{4}-\d\d-\d\dT[\d:]+Z$/, '');
