import type { Count } from './definition.ts';
import type { Reading, Verdict } from './evaluate.ts';
import type { BudgetHold } from './hold.ts';
import type { ObjectiveState } from './state.ts';
import type { Wanted } from './wanted.ts';
import type { Span } from './window.ts';

/** Which time a series has without a gap; instants in milliseconds. */
export interface Progress extends Span {
  lastDataAt: number | undefined;
}

export interface MeasuredSlot extends Count {
  at: number;
}

export interface Place {
  objective: string;
  service: string;
  team: string;
}

/** A hold that has begun, or has ended. */
export interface TurnedHold {
  hold: BudgetHold;
  isOpened: boolean;
}

export interface ObjectiveStore {
  /** How each objective stood when it was looked at last, by name. */
  states(): Promise<ObjectiveState[]>;
  progress(series: string): Promise<Progress | undefined>;
  /**
   * Keeps slots of a span that touches what there is, in one transaction. The same again changes nothing; a later value of a
   * slot counts where it differs, but never where it has no data: what was seen was there.
   */
  fill(series: string, span: Span, slots: readonly MeasuredSlot[]): Promise<void>;
  /** What a series has of each span, in the same order. */
  read(series: string, spans: readonly Span[]): Promise<Reading[]>;
  /** Deletes slots that began before this (milliseconds), and what hours there are much earlier. */
  prune(series: string, before: number): Promise<void>;
  /**
   * Keeps how an objective stands and tells of its alerts that begin or end, in one transaction. With no verdicts, all end.
   * `at` in milliseconds. False: it was looked at later meanwhile, which counts.
   */
  settle(place: Place, state: ObjectiveState | undefined, verdicts: readonly Verdict[], at: number): Promise<boolean>;
  /** Opens the holds that are wanted and ends the others; those that have begun or ended. `at` in milliseconds. */
  settleHolds(place: Place, wanted: readonly Wanted[], at: number): Promise<TurnedHold[]>;
  /** Objectives that have an alert or a hold which has not ended. */
  unsettled(): Promise<Place[]>;
  /** Holds of a service that have not ended. */
  holdsOn(service: string): Promise<BudgetHold[]>;
}
