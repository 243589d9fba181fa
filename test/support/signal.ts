import { conditionsOf, type SignalEvidence } from '../../domain/improvement-signal/conditions.ts';
import type { Condition } from '../../domain/improvement-signal.ts';
import { evidence } from './evidence.ts';

/** What of the evidence of checkout somebody upstream has to hear. */
export const conditions = (known: Partial<SignalEvidence>): Condition[] =>
  conditionsOf('checkout', { ...evidence(), failedFixes: [], supplied: [], objectives: [], ...known });

export const conditionKinds = (known: Partial<SignalEvidence>): string[] =>
  conditions(known).map(({ kind, cluster }) => `${kind} ${cluster}`);

export const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));
