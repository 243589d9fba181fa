/** The update by which a person closes a task, of whichever workflow waits for it. */
export const completeTask = 'completeTask';

/** The update that gives a task to another person. */
export const reassignTask = 'reassignTask';
