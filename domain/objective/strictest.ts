import type { SLOSpec } from '../objective.ts';
import { product } from './decimal.rules.ts';

/** The strictest target of an SLO, in percent. */
export const strictestPercent = ({ objectives }: SLOSpec): number =>
  Math.max(...objectives.map(({ target, targetPercent }) => targetPercent ?? product(target ?? 0, 100)));
