import { createHmac } from 'node:crypto';

export interface Deployed {
  deployment: number;
  sha: string;
  repository: string;
  environment: string;
}

/** The bytes of a `deployment_status` delivery: of what GitHub sends, the part that is read; signed. */
export function githubDelivery(
  { deployment, sha, repository, environment }: Deployed,
  secret: string,
): { body: string; headers: Record<string, string> } {
  const at = new Date().toISOString();
  const login = repository.split('/')[0];
  const body = JSON.stringify({
    action: 'created',
    deployment_status: {
      id: deployment * 10 + 1,
      state: 'success',
      creator: { login },
      description: 'Deployed by the pipeline',
      environment,
      created_at: at,
    },
    deployment: { id: deployment, sha, ref: 'main', task: 'deploy', environment, created_at: at },
    repository: { id: 7480, full_name: repository },
    sender: { login },
  });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment_status',
      'x-github-delivery': crypto.randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  };
}
