/** Measures one objective, begun by its schedule. */
export const objectiveWorkflowType = 'measureObjectives';

/** Sources that are slow have a task queue of their own: however many there are, they keep no step from its turn. */
export const lookQueueOf = (taskQueue: string): string => `${taskQueue}/looks`;
