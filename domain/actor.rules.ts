import type { Actor, Role } from './actor.ts';

/** The house itself, where nobody else did it. */
export const evenkeel: Actor = { type: 'system', name: 'evenkeel' };

const ranks = ['viewer', 'responder', 'operator', 'approver', 'admin'] as const satisfies readonly Role[];

/** True when `held` is at least `needed`. */
export const reaches = (held: Role, needed: Role): boolean => ranks.indexOf(held) >= ranks.indexOf(needed);

/** The lower of two roles: what a token may do is capped by its scope. */
export const lower = (a: Role, b: Role): Role => (reaches(a, b) ? b : a);
