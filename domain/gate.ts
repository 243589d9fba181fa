import { z } from 'zod';
import { DeploymentFact } from './deployment.ts';
import { Login } from './login.ts';

/** A name that is safe in a path: no part of it leads elsewhere. */
const repository = z
  .string()
  .max(200)
  .regex(/^(?!\.{1,2}\/)[\w.-]+\/(?!\.{1,2}$)[\w.-]+$/, 'expected owner/repository');

/** An environment of GitHub Actions in which a run waits until we let it pass. */
export const Gate = z.strictObject({
  /** `owner/repository`, as GitHub writes it. */
  repository,
  /** Id of the run that waits. */
  run: z.int().positive(),
  /** GitHub's name of the environment. */
  environment: DeploymentFact.shape.environment,
  /** Installation of the GitHub App that was asked, and answers. */
  installation: z.int().positive(),
});
export type Gate = z.infer<typeof Gate>;

const { factKey, artifact, transient, task, payload, link, note } = DeploymentFact.shape;

/** Somebody asks whether a run may pass, in the sender's own names. */
export const GateFact = Gate.extend({
  factKey,
  artifact,
  transient,
  task,
  payload,
  /** Who made the deployment or asked for it, and who wrote what is deployed. */
  triggeredBy: z.array(Login),
  link,
  note,
});
export type GateFact = z.infer<typeof GateFact>;

/**
 * Where the answer to a gate goes, on the API of a GitHub: the only place, whatever a body says.
 * Source: GitHub's REST API, "Review custom deployment protection rules for a workflow run".
 */
export const gateUrlOf = (api: string, { repository: name, run }: Pick<Gate, 'repository' | 'run'>): string =>
  `${api.replace(/\/+$/, '')}/repos/${name}/actions/runs/${run}/deployment_protection_rule`;
