import { z } from 'zod';

const name = z.string();

/** What an incident is known by: words, templates, alerts and objectives, its place, and what it seems to come from. */
export const IncidentProfile = z.strictObject({
  number: z.int(),
  /** When it was detected. */
  at: z.string(),
  team: name,
  isPrivate: z.boolean(),
  service: name.optional(),
  environment: name.optional(),
  /** Of its title and its alerts, without what differs each time. */
  words: z.array(name).max(2_000),
  /** That of its title is the first. */
  templates: z.array(z.strictObject({ id: z.int(), text: name })).max(200),
  /** Fingerprints of its alerts. */
  alerts: z.array(name).max(500),
  /** Objectives and indicators that its alerts are about. */
  objectives: z.array(name).max(50),
  /** What it seems to come from: a cause that its review names, what solved it, the runbook that restored. */
  causes: z.array(name).max(200),
  /** Incidents of one cluster are the same again. */
  cluster: name,
});
export type IncidentProfile = z.infer<typeof IncidentProfile>;
