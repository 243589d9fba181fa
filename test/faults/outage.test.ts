import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asFiles, company } from '../support/company.ts';
import { startTarget, type Target } from '../support/target.ts';
import { setStage, type Stage } from './stage.ts';

let stage: Stage;
let target: Target;
beforeAll(async () => {
  target = await startTarget();
  stage = await setStage(target.address);
  const files = asFiles(company({ target: target.url }));
  const applied = await ask('POST', '/v1/catalogue', { files });
  if (!applied.ok) throw new Error(`not applied: ${await applied.text()}`);
});
afterAll(async () => {
  await stage?.stop();
  await target?.stop();
});

const ask = (method: string, path: string, body?: unknown) =>
  fetch(`${stage.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${stage.adminToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const payload = readFileSync(new URL('../payloads/github/deployment_status.created.json', import.meta.url), 'utf8');
const deliver = (deployment: number) => {
  const body = payload.replaceAll('145988746', String(deployment));
  return fetch(`${stage.url}/v1/hooks/github/github`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment_status',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', 'github-secret').update(body).digest('hex')}`,
    },
  });
};

const becomesPlan = async (reply: Response): Promise<void> => {
  const { accepted } = (await reply.json()) as { accepted: string[] };
  await expect
    .poll(async () => ((await (await ask('GET', `/v1/inbox/${accepted[0]}`)).json()) as { state: string }).state, {
      timeout: 60_000,
    })
    .toBe('delivered');
};

test('a frozen PostgreSQL is an honest 503 with Retry-After, soon, and nothing of it turns up later', async () => {
  stage.signal('postgres', 'SIGSTOP');
  const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => deliver(1_000 + index)));
  const ready = await fetch(`${stage.url}/readyz`);
  stage.signal('postgres', 'SIGCONT');

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
  expect(replies.every(({ headers }) => headers.has('retry-after'))).toBe(true);
  expect(ready.status).toBe(503);
  await expect.poll(async () => (await fetch(`${stage.url}/readyz`)).status, { timeout: 30_000 }).toBe(200);
  await becomesPlan(await deliver(2_000));
});

test('with Temporal frozen what comes is accepted, health says degraded, and it is delivered afterwards', async () => {
  stage.signal('temporal', 'SIGSTOP');
  const reply = await deliver(3_000);
  const health = (await (await fetch(`${stage.url}/readyz`)).json()) as { status: string; reasons: string[] };
  stage.signal('temporal', 'SIGCONT');

  expect(reply.status).toBe(202);
  expect(health).toMatchObject({ status: 'degraded', reasons: [expect.stringContaining('Temporal does not answer')] });
  await becomesPlan(reply);
});
