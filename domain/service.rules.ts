import type { Level, ServiceObjective } from './service.ts';

/** Level by objective: C below 99 %, B from 99 % to 99.9 %, A above. Without an objective C. */
export const levelOf = ({ slo }: { slo?: Pick<ServiceObjective, 'target'> }): Level => {
  if (slo === undefined || slo.target < 99) return 'C';
  return slo.target <= 99.9 ? 'B' : 'A';
};

/** Levels that a service of this level has to meet: its own and all below. */
export const levelsUpTo = (level: Level): readonly Level[] =>
  level === 'A' ? ['A', 'B', 'C'] : level === 'B' ? ['B', 'C'] : ['C'];
