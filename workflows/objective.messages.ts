/** Measures one objective, started by its schedule. */
export const objectiveWorkflowType = 'measureObjectives';

export interface ObjectiveInput {
  objective: string;
}
