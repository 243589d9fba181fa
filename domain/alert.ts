import { z } from 'zod';
import type { FoldedAlert } from './alert/fold.rules.ts';
import { AlertSeverity } from './alert/severity.ts';
import { line } from './line.ts';

/**
 * The classes of ITIL, which decide the way: an exception is handled as an incident, a warning is shown for review,
 * what is informational is kept and counted.
 */
export const EventClass = z.enum(['informational', 'warning', 'exception']);
export type EventClass = z.infer<typeof EventClass>;

/** A member of a map that a sender filled: labels and annotations. */
const texts = z.record(z.string().max(200), z.string().max(4_000));

/** An instant as we write it ourselves. */
const instant = z.iso.datetime({ precision: 3 });

/** What a source tells of one alert, in the source's own names; a mapping of the source finds its place. */
export const AlertFact = z.strictObject({
  /** The source's identity of the alert: the same condition on the same thing has one key. */
  key: z.string().min(1).max(1_000),
  /** `acknowledged`: somebody in the source has it, which changes nothing of what fires. */
  status: z.enum(['firing', 'resolved', 'acknowledged']),
  title: line(300),
  /** In the words of the source; its mapping says how bad that is. */
  severity: z.string().max(100).optional(),
  /** When it began to fire; when it was received, where the source does not say. */
  startedAt: instant,
  /** When it ended; of a resolved alert alone. */
  endedAt: instant.optional(),
  /** Until then it is believed to fire. Nothing heard by then: the source is lost, which is no recovery. */
  expiresAt: instant.optional(),
  labels: texts,
  annotations: texts,
  /** A page of the source about it. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
  /** Names of the catalogue, where the sender already speaks them. */
  service: z.string().max(63).optional(),
  environment: z.string().max(63).optional(),
  /** A fault of the monitoring itself: the service may be well. */
  isMonitoringGap: z.literal(true).optional(),
});
export type AlertFact = z.infer<typeof AlertFact>;

/** A condition that a source has told of, by its fingerprint, as all that was told of it comes to. */
export interface Alert {
  fingerprint: string;
  source: string;
  team: string;
  service: string | null;
  environment: string | null;
  title: string;
  severity: AlertSeverity;
  class: EventClass;
  isFiring: boolean;
  /** Why it belongs nowhere. */
  gap: string | null;
  incident: number | null;
  /** What keeps it from opening one: an alert, a plan that runs, a maintenance window, or a threshold. */
  heldBy: string | null;
  /** What it has in common with others of one incident. */
  correlationKey: string | null;
  state: FoldedAlert;
  /** How often it was told. */
  count: number;
  firstSeenAt: string;
  lastSeenAt: string;
  changedAt: string;
  /** When it ends for want of news, where its source never says so. */
  resolvesAt: string | null;
  /** When it is believed no longer: the source is lost then, which is no recovery. */
  expiresAt: string | null;
  /** How long it fires without news, in milliseconds; null where its source says when it ends. */
  quietMs: number | null;
  /** Until when it flaps, if nothing more is told of it. */
  flapsUntil: string | null;
  shelvedUntil: string | null;
  shelving: { by: string; reason: string; at: string } | null;
}

/** Something that was changed, by whoever: evidence for what an incident may come from. */
export const ChangeFact = z.strictObject({
  key: z.string().min(1).max(1_000),
  summary: line(1_024),
  at: instant,
  service: z.string().max(200).optional(),
  environment: z.string().max(200).optional(),
  link: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
});
export type ChangeFact = z.infer<typeof ChangeFact>;

/** What one body of a source says: what is not understood is said in `notes`, and takes nothing else along. */
export interface AlertReading {
  alerts: AlertFact[];
  changes: ChangeFact[];
  notes: string[];
}

/**
 * Reads a body of a source. `receivedAt` is our clock when it came, for senders that say no time. Throws a `DomainError` of
 * code `invalid` for a body that is hopeless as a whole.
 */
export type ReadAlerts = (body: Uint8Array, receivedAt: string) => AlertReading;
