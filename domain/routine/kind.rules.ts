import type { RoutineKind } from './kind.ts';

const changing: readonly RoutineKind[] = ['patching', 'rotation', 'failover-test', 'dr-exercise'];

/** Whether a routine of this kind changes a service; the others look at it, or at a copy of it. */
export const changesService = (kind: RoutineKind): boolean => changing.includes(kind);
