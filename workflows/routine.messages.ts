/** Opens what is due of one routine, begun by its schedule. */
export const routineWorkflowType = 'openRoutineRuns';
