/** Where a value probably lies, with 95 %. */
export interface ConfidenceInterval {
  low: number;
  high: number;
  method: 'wilson' | 'bootstrap' | 'normal';
}

/** 97.5 % of a normal distribution lie below it. */
export const z95 = 1.96;
