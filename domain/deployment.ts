import { z } from 'zod';
import { BudgetException } from './error-budget-policy.ts';
import { line } from './line.ts';
import { Login } from './login.ts';

/**
 * What a deployment fact says. `deployed` starts a plan, `rolled-back` speaks to the open plan or starts a rollback
 * plan; an open plan hears of the others, else they are kept as evidence: they start nothing.
 */
export const DeploymentChange = z.enum([
  'announced',
  'progressing',
  'deployed',
  'failed',
  'rolled-back',
  'removed',
  'published',
]);
export type DeploymentChange = z.infer<typeof DeploymentChange>;

/** One thing that a sender tells of a deployment, in the sender's own names. */
export const DeploymentFact = z.strictObject({
  change: DeploymentChange,
  /** Identity of the occurrence within its source: the same deployment told twice has one key. */
  factKey: z.string().min(1).max(1000),
  /** Sender's name of the service: `owner/repository`, or an artifact without its version. */
  subject: line(500),
  /** Sender's name of the environment. */
  environment: line(255),
  /** What was deployed, as exactly as the sender says it: a commit, a purl, an image digest. */
  artifact: line(1000),
  /** A short-lived environment, such as a preview of a pull request: skipped unless mapped by name. */
  transient: z.boolean().default(false),
  /** What else the sender says of it, for the rules of mappings. */
  task: z.string().max(200).optional(),
  payload: z.unknown().optional(),
  /** Names of the catalogue, when the sender already speaks them. */
  service: z.string().max(63).optional(),
  /** Whoever did it, as far as the sender says. */
  triggeredBy: z.array(Login).max(10).optional(),
  link: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
  note: z.string().max(1000).optional(),
  /** The sender's clock; for display only. */
  at: z.string().max(64).optional(),
  /** Why it may pass what a spent error budget holds up. */
  exception: BudgetException.optional(),
  /** When what was deployed was committed: lead time runs from then. */
  committedAt: z.iso.datetime({ offset: true }).optional(),
});
export type DeploymentFact = z.infer<typeof DeploymentFact>;

/** What became of a body: facts to deliver, or nothing to do and why. */
export type Parsed = { deliveryKey: string; facts: DeploymentFact[]; note?: string | undefined };
