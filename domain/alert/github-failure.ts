import { z } from 'zod';
import type { AlertFact, AlertReading, ReadAlerts } from '../alert.ts';
import { readAs, readSome } from '../json.ts';
import { httpLink, instantOf, keptTexts, keyOf, maybeText, titleOf } from './reading.ts';

const action = z.string().nullish();
const Repository = z.object({ id: z.int(), full_name: z.string(), default_branch: maybeText });

const DeploymentStatus = z.object({
  action,
  repository: Repository,
  deployment: z.object({
    environment: z.string().min(1),
    transient_environment: z.boolean().optional().catch(undefined),
    task: maybeText,
    sha: maybeText,
  }),
  deployment_status: z.object({
    state: z.string(),
    description: maybeText,
    log_url: maybeText,
    target_url: maybeText,
    environment_url: maybeText,
    created_at: maybeText,
    updated_at: maybeText,
  }),
});

const WorkflowRun = z.object({
  action,
  repository: Repository,
  workflow: z.object({ name: maybeText }).catch({}),
  workflow_run: z.object({
    workflow_id: z.int(),
    name: maybeText,
    event: maybeText,
    head_branch: maybeText,
    head_sha: maybeText,
    head_repository: z.object({ id: z.int() }).optional().catch(undefined),
    conclusion: maybeText,
    display_title: maybeText,
    html_url: maybeText,
    updated_at: maybeText,
  }),
});

type Status = 'firing' | 'resolved';
const deploymentStates = new Map<string | undefined, Status>([
  ['failure', 'firing'],
  ['error', 'firing'],
  ['success', 'resolved'],
]);
/** A run that was cancelled or skipped says nothing of what it would have come to. */
const conclusions = new Map<string | undefined, Status>([
  ['failure', 'firing'],
  ['timed_out', 'firing'],
  ['startup_failure', 'firing'],
  ['success', 'resolved'],
]);

/** What a webhook of GitHub says of something that failed, or works again; undefined for anything else. */
export const readGithubFailure = (event: string, body: unknown, receivedAt: string): AlertReading | undefined => {
  const fact = factOf(event, body, receivedAt);
  return fact && { alerts: [fact], changes: [], notes: [] };
};

/** The same of a body as it was kept when it was accepted. */
export const readKeptFailure =
  (event: string): ReadAlerts =>
  (body, receivedAt) =>
    readGithubFailure(event, readSome(body), receivedAt) ?? { alerts: [], changes: [], notes: [] };

const factOf = (event: string, body: unknown, receivedAt: string): AlertFact | undefined => {
  switch (event) {
    case 'deployment_status':
      return deploymentFact(readAs(DeploymentStatus, body), receivedAt);
    case 'workflow_run':
      return runFact(readAs(WorkflowRun, body), receivedAt);
    default:
      return undefined;
  }
};

const deploymentFact = (told: z.infer<typeof DeploymentStatus>, receivedAt: string): AlertFact | undefined => {
  const { repository, deployment, deployment_status: written } = told;
  const { environment, task = 'deploy', sha } = deployment;
  const status = deploymentStates.get(written.state);
  // Old Enterprise Servers leave out `action`. A preview that fails is the matter of its pull request.
  if (!status || (told.action ?? 'created') !== 'created' || deployment.transient_environment) return undefined;
  const { description, log_url, target_url, environment_url } = written;
  return {
    // Where one repository deploys many services, the task tells them apart: one that went well resolves no other.
    key: keyOf(JSON.stringify(['deployment', repository.id, environment, task])),
    title: titleOf(`Deployment of ${repository.full_name} to ${environment}: ${written.state}`),
    ...timesOf(status, instantOf(written.created_at) ?? instantOf(written.updated_at) ?? receivedAt),
    labels: keptTexts({ repository: repository.full_name, environment, task, commit: sha }),
    annotations: keptTexts({ description }),
    link: httpLink(log_url, target_url, environment_url),
  };
};

const runFact = (told: z.infer<typeof WorkflowRun>, receivedAt: string): AlertFact | undefined => {
  const { repository, workflow, workflow_run: run } = told;
  const status = conclusions.get(run.conclusion);
  if (!status || told.action !== 'completed' || !isOfDefaultBranch(told)) return undefined;
  const name = workflow.name || run.name || String(run.workflow_id);
  return {
    key: keyOf(JSON.stringify(['workflow', repository.id, run.workflow_id])),
    title: titleOf(`Workflow ${name} of ${repository.full_name}: ${run.conclusion}`),
    ...timesOf(status, instantOf(run.updated_at) ?? receivedAt),
    labels: keptTexts({
      repository: repository.full_name,
      workflow: name,
      branch: run.head_branch,
      commit: run.head_sha,
      event: run.event,
    }),
    annotations: keptTexts({ run: run.display_title }),
    link: httpLink(run.html_url),
  };
};

/** A fork has a default branch of the same name, and a pull request from the branch runs what is not merged. */
const isOfDefaultBranch = ({ repository, workflow_run: run }: z.infer<typeof WorkflowRun>): boolean =>
  run.head_branch !== undefined &&
  run.head_branch === repository.default_branch &&
  (run.head_repository?.id ?? repository.id) === repository.id &&
  !run.event?.startsWith('pull_request');

const timesOf = (status: Status, at: string): Pick<AlertFact, 'status' | 'startedAt' | 'endedAt'> => ({
  status,
  startedAt: at,
  ...(status === 'resolved' ? { endedAt: at } : {}),
});
