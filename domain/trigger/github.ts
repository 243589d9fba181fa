import { z } from 'zod';
import { DomainError } from '../errors.ts';
import { readAs } from '../json.ts';
import { line } from '../line.ts';
import type { DeploymentChange, DeploymentFact, Parsed } from '../deployment.ts';
import { keepable } from '../text.ts';
import { linkOf, noteOf } from './display.ts';
import { GithubRepository, GithubUser, namedBy, purlOf } from './github-body.ts';
import { payloadOf } from './payload.ts';

const Deployment = z.object({
  creator: GithubUser,
  id: z.int(),
  sha: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected the hash of a commit'),
  environment: line(255),
  transient_environment: z.boolean().nullish(),
  task: z.string().nullish(),
  payload: z.unknown().optional(),
  description: z.string().nullish(),
  created_at: z.string().max(64).nullish(),
});

/** Old Enterprise Servers leave out `action`. */
const action = z.string().nullish();
const DeploymentBody = z.object({
  action,
  deployment: Deployment,
  repository: GithubRepository,
  sender: GithubUser,
  workflow_run: z.object({ actor: GithubUser, triggering_actor: GithubUser }).nullish().catch(undefined),
});

const DeploymentStatusBody = DeploymentBody.extend({
  deployment_status: z.object({
    id: z.int(),
    creator: GithubUser,
    state: z.string(),
    description: z.string().nullish(),
    environment_url: z.string().nullish(),
    target_url: z.string().nullish(),
    log_url: z.string().nullish(),
    updated_at: z.string().max(64).nullish(),
  }),
});

const Ping = z.object({ zen: z.string().max(500), hook_id: z.int() });

const changes = new Map<string, DeploymentChange>([
  ['queued', 'progressing'],
  ['pending', 'progressing'],
  ['waiting', 'progressing'],
  ['in_progress', 'progressing'],
  ['success', 'deployed'],
  ['failure', 'failed'],
  ['error', 'failed'],
]);

/** A delivery of a webhook: its two headers and its body. */
export interface GithubDelivery {
  event: string;
  /** `X-GitHub-Delivery`; the same when GitHub delivers again. */
  delivery: string;
  body: unknown;
}

/**
 * Facts of a GitHub webhook. All that is told of one deployment has one fact key, repository id and deployment id, since
 * the statuses come in no order and each of them speaks of the same occurrence.
 */
export function parseGithub({ event, delivery, body }: GithubDelivery): Parsed {
  if (!/^[\w-]{1,100}$/.test(delivery)) throw new DomainError('invalid', 'X-GitHub-Delivery: expected an identifier');
  const nothing = (note: string): Parsed => ({ deliveryKey: delivery, facts: [], note: noteOf(note) });
  switch (event) {
    case 'ping':
      return nothing(`ping of hook ${readAs(Ping, body).hook_id}`);
    case 'deployment': {
      const announced = readAs(DeploymentBody, body);
      if ((announced.action ?? 'created') !== 'created') return nothing(`deployment ${announced.action} is not used`);
      return { deliveryKey: delivery, facts: [announcementOf(announced)] };
    }
    case 'deployment_status': {
      const told = readAs(DeploymentStatusBody, body);
      if ((told.action ?? 'created') !== 'created') return nothing(`deployment_status ${told.action} is not used`);
      const change = changes.get(told.deployment_status.state);
      if (!change) return nothing(`state ${told.deployment_status.state} of a deployment is not known`);
      return { deliveryKey: delivery, facts: [statusOf(change, told)] };
    }
    default:
      return nothing(`event ${event} is not used`);
  }
}

const announcementOf = (
  { deployment, repository, sender, workflow_run: run }: z.infer<typeof DeploymentBody>,
  status?: z.infer<typeof GithubUser>,
): DeploymentFact => ({
  change: 'announced',
  factKey: `${repository.id}:${deployment.id}`,
  subject: repository.full_name,
  environment: deployment.environment,
  artifact: purlOf(repository.full_name, deployment.sha),
  transient: deployment.transient_environment ?? false,
  task: deployment.task ? keepable(deployment.task, 200) : undefined,
  payload: payloadOf(deployment.payload),
  triggeredBy: namedBy(deployment.creator, sender, status, run?.actor, run?.triggering_actor),
  note: noteOf(deployment.description),
  at: deployment.created_at ?? undefined,
});

const statusOf = (change: DeploymentChange, told: z.infer<typeof DeploymentStatusBody>): DeploymentFact => {
  const { log_url, target_url, environment_url, description, updated_at } = told.deployment_status;
  return {
    ...announcementOf(told, told.deployment_status.creator),
    change,
    link: linkOf(log_url, target_url, environment_url),
    note: noteOf(description),
    at: updated_at ?? undefined,
  };
};
