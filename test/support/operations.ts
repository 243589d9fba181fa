import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Ops, Plan } from './ops.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The ready-made operations, as `evenkeel apply examples/operations` sends them. */
export const operationFiles = () =>
  globSync('examples/operations/*.yaml', { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));

/** Folder of the programs that their runbooks run. */
export const operationPrograms = `${root}/examples/programs`;

/** The plan that cid requests by one of the templates. */
export const requestOperation = async (ops: Ops, template: string, parameters: object): Promise<Plan> => {
  const body = { service: 'checkout', environment: 'production', template, parameters };
  const { body: reply } = await ops.as('cid')('POST', '/v1/requests', body, {
    'idempotency-key': crypto.randomUUID(),
  });
  return ops.opened(reply['accepted']);
};
