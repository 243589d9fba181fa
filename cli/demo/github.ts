import { createHmac, randomInt } from 'node:crypto';

const login = 'Codertocat';
const environment = 'production';

/** A `deployment_status` delivery of this commit: of what GitHub sends, the part that is read; signed. */
export function githubDelivery(sha: string, secret: string): { body: string; headers: Record<string, string> } {
  const id = randomInt(1_000_000, 2_000_000_000);
  const at = new Date().toISOString();
  const body = JSON.stringify({
    action: 'created',
    deployment_status: {
      id: id * 10 + 1,
      state: 'success',
      creator: { login },
      description: 'Deployed by the pipeline',
      environment,
      created_at: at,
    },
    deployment: { id, sha, ref: 'main', task: 'deploy', environment, created_at: at },
    repository: { id: 7480, full_name: `${login}/Hello-World` },
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
