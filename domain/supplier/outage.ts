import { z } from 'zod';

/** How much of a supplier is hurt, in the words of Statuspage. */
export const OutageImpact = z.enum(['minor', 'major', 'critical']);
export type OutageImpact = z.infer<typeof OutageImpact>;

/** An incident of a supplier, as its status feed tells of it. Instants are ISO 8601 with milliseconds. */
export interface Outage {
  /** The supplier's own id. */
  key: string;
  title: string;
  impact: OutageImpact;
  startedAt: string;
  endedAt?: string | undefined;
  link?: string | undefined;
}
