import { createHmac } from 'node:crypto';

export interface Deployed {
  deployment: number;
  sha: string;
  repository: string;
  environment: string;
}

/** The bytes of a `deployment_status` delivery, in the shape that GitHub sends, signed. */
export function githubDelivery(
  { deployment, sha, repository, environment }: Deployed,
  secret: string,
): { body: string; headers: Record<string, string> } {
  const at = new Date().toISOString();
  const [login = ''] = repository.split('/');
  const body = JSON.stringify({
    action: 'created',
    deployment_status: {
      id: deployment * 10 + 1,
      state: 'success',
      creator: { login, id: 1, type: 'User' },
      description: 'Deployed by the pipeline',
      environment,
      target_url: '',
      environment_url: '',
      log_url: '',
      created_at: at,
      updated_at: at,
    },
    deployment: {
      id: deployment,
      sha,
      ref: 'main',
      task: 'deploy',
      payload: {},
      environment,
      transient_environment: false,
      production_environment: true,
      description: null,
      created_at: at,
      updated_at: at,
    },
    repository: { id: 7480, name: repository.split('/')[1], full_name: repository, private: true },
    sender: { login, id: 1, type: 'User' },
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
