import type { Actor } from '../actor.ts';
import type { Condition, ImprovementSignal, SignalAnswer } from '../improvement-signal.ts';

export interface SignalStore {
  /** Raises signals, each once for what it is about until it is done; one that is there learns what it stands on now. */
  raise(raised: readonly { condition: Condition; team: string }[], at: string): Promise<void>;
  find(id: string): Promise<ImprovementSignal | undefined>;
  /** Keeps an answer under its id, once. Refuses what the state of the signal does not take. */
  answer(id: string, ask: SignalAnswer, command: string, by: Actor, at: string): Promise<ImprovementSignal>;
  /** Those that wait for an answer, or for what was accepted, past their time. */
  late(at: string): Promise<ImprovementSignal[]>;
  /** Counts a reminder; false where somebody else has sent that one. */
  chase(signal: ImprovementSignal, at: string): Promise<boolean>;
  /** Of these services or teams, those that were open in the period or are still; all without either. */
  during(of: { service?: string | undefined; team?: string | undefined }, from: string): Promise<ImprovementSignal[]>;
}
