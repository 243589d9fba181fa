import type { Alert } from '../../domain/alert.ts';
import type { Correlation } from '../../domain/alert/correlation.ts';

/** Alerts that are one incident, or become one. */
export interface Group {
  key: string;
  alerts: Alert[];
  correlation: Correlation;
}

/** A group that no incident takes; alerts of several keys are one in a storm. */
export interface MissingGroup extends Group {
  keys: string[];
  /** The incident that was over when this came again. */
  follows?: number | undefined;
  /** Its team is flooded: one incident stands for all that comes. */
  isStorm?: true;
}
