import type { EffectResult } from '../../domain/ports.ts';
import type { Undo } from '../../domain/runbook.ts';
import type { ActivityPorts } from '../ports.ts';

/** Characters of output that are kept with an effect. */
export const mostOutput = 16_000;

/** What an executor is given: values for placeholders, a key for the receiver, and a limit. */
export interface Execution extends Pick<ActivityPorts, 'egress' | 'secrets' | 'programsFolder'> {
  key: string;
  values: Record<string, string>;
  timeoutMs: number;
  signal: AbortSignal;
  /** The worker stops, or has lost the step: whoever waits is about to go. */
  isInterrupted(): boolean;
}

/** The part of a step that says what to do; a step and its undo have it alike. */
export type Doing<Kind extends Undo['kind']> = Omit<Extract<Undo, { kind: Kind }>, 'kind'>;

/** One way of acting. A failure that was expected is a result; only what is passing throws. */
export type Executor<Kind extends Undo['kind']> = (doing: Doing<Kind>, execution: Execution) => Promise<EffectResult>;
