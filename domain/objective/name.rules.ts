/** The name of an objective: that of its SLO, and `<slo>.2` for the second one; no SLO has a dot in its name. */
export const nameOfObjective = (slo: string, at: number): string => (at === 0 ? slo : `${slo}.${at + 1}`);
