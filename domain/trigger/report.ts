import { z } from 'zod';
import { Name } from '../name.ts';
import { DeploymentFact } from '../deployment.ts';

/** What a pipeline tells of its own deployment, in the catalogue's names. */
export const DeploymentReport = z.strictObject({
  service: Name,
  environment: Name,
  artifact: DeploymentFact.shape.artifact.meta({ description: 'A commit, a purl or an image digest' }),
  change: DeploymentFact.shape.change.extract(['deployed', 'rolled-back', 'failed', 'progressing']).default('deployed'),
  occurrence: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "The pipeline's own id of this deployment; the same id is the same deployment" }),
  link: DeploymentFact.shape.link,
  note: DeploymentFact.shape.note,
  exception: DeploymentFact.shape.exception.meta({ description: 'Lets it pass what a spent error budget holds up' }),
  committedAt: DeploymentFact.shape.committedAt.meta({
    description: 'When it was committed: the lead time runs from then',
  }),
});
export type DeploymentReport = z.infer<typeof DeploymentReport>;

/** The report as a fact. Without an id of the pipeline the idempotency key of the request tells repeats apart. */
export const factOf = (report: DeploymentReport, idempotencyKey: string): DeploymentFact => {
  const { occurrence = idempotencyKey, ...told } = report;
  const { service, environment } = told;
  return { ...told, factKey: `${service}/${environment}/${occurrence}`, subject: service, transient: false };
};
