/** What stands where Temporal brought something that Evenkeel did not write, or wrote for somebody else. */
export const unreadable = { 'evenkeel/unreadable': true } as const;

/** Type of the error that stands for a failure of somebody else. */
export const unsealed = 'Unsealed';

export const isUnreadable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'evenkeel/unreadable' in value;
