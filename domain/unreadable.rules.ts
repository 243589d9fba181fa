import { isObject } from './object.rules.ts';

/** What stands where Temporal brought something that Evenkeel did not write, or wrote for somebody else. */
export const unreadable = { 'evenkeel/unreadable': true } as const;

export const isUnreadable = (value: unknown): boolean => isObject(value) && 'evenkeel/unreadable' in value;
