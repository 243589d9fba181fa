import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { Problem } from './errors.ts';
import type { Operation, Proof, Said } from './operation.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const needs: Partial<Record<Operation['role'], string>> = {
  anyone: 'No token needed.',
  sender: 'The sender proves itself by signature, bearer secret or routing key.',
  holder: 'Any living token.',
};

/** How senders prove themselves, as clients are told. */
const proofs = {
  githubSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Hub-Signature-256',
    description: 'HMAC of the body with the secret of the source, as GitHub makes it',
  },
  pagerdutySignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-PagerDuty-Signature',
    description: 'HMACs of the body, one of them with the secret of the source, as PagerDuty makes them',
  },
  slackSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Slack-Signature',
    description: 'HMAC of the time and the body with the signing secret of the app, as Slack makes it',
  },
  sourceSecret: { type: 'http', scheme: 'bearer', description: 'The secret of the source' },
} as const satisfies Record<Proof, object>;

const securityOf = ({ role, sender }: Operation): Record<string, string[]>[] => {
  if (sender) return sender.proof === undefined ? [] : [{ [sender.proof]: [] }];
  return role === 'anyone' ? [] : [{ token: [] }];
};

const json = 'application/json';

const requestOf = ({ params, query, headers, body, sender }: Operation) => {
  const parameters = {
    ...(params ? { path: params as z.ZodObject } : {}),
    ...(query ? { query: query as z.ZodObject } : {}),
    ...(headers ? { header: headers } : {}),
  };
  const bodies = sender?.bodies ?? (body ? { [json]: body } : {});
  const content = Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema }]));
  return {
    ...(Object.keys(parameters).length > 0 ? { requestParams: parameters } : {}),
    ...(Object.keys(content).length > 0 ? { requestBody: { required: true, content } } : {}),
  };
};

const responseOf = ({ description, schema, contentType = json, headers = {} }: Omit<Said, 'status'>) => ({
  description,
  ...(schema ? { content: { [contentType]: { schema } } } : {}),
  ...(Object.keys(headers).length > 0
    ? {
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, meaning]) => [
            name,
            { description: meaning, schema: { type: 'string' } },
          ]),
        ),
      }
    : {}),
});

const problem = {
  description: 'A problem',
  schema: Problem,
  contentType: 'application/problem+json',
  headers: {
    Allow: 'With 405: the methods that the path takes',
    'Retry-After': 'With 503: seconds to wait',
    'WWW-Authenticate': 'With 401',
  },
};

/** OpenAPI 3.1, made from the map of operations. */
export const openApiOf = (operations: readonly Operation[]) => {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const { id, method, path, summary, tag, role, answer, alsoAnswers = [] } = operation;
    paths[path] = {
      ...paths[path],
      [method]: {
        operationId: id,
        summary,
        tags: [tag],
        description: needs[role] ?? `Least role: ${role}.`,
        security: securityOf(operation),
        ...requestOf(operation),
        responses: {
          ...Object.fromEntries([answer, ...alsoAnswers].map((said) => [said.status, responseOf(said)])),
          ...(method === 'get' ? { 304: { description: 'Not changed: its ETag is the one of If-None-Match' } } : {}),
          default: responseOf(problem),
        },
      },
    };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: { title: 'Evenkeel', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' }, ...proofs } },
  });
  return withTimes(document);
};

/** Times end in `At`: what is named so is an instant for every reader of the document. */
const withTimes = <T>(part: T): T => {
  if (Array.isArray(part)) return part.map(withTimes) as T;
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      name === 'properties' && typeof value === 'object' && value !== null
        ? timed(value as Properties)
        : withTimes(value),
    ]),
  ) as T;
};

type Properties = Record<string, Record<string, unknown>>;

const timed = (properties: Properties): Properties =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      /(?:^at|At)$|^(?:validUntil|readyBy|changeBy)$/.test(name) ? asInstant(schema) : withTimes(schema),
    ]),
  );

const asInstant = (schema: Record<string, unknown>): Record<string, unknown> => {
  if (schema['type'] === 'string' || (Array.isArray(schema['type']) && schema['type'].includes('string')))
    return { ...schema, format: 'date-time' };
  const { anyOf } = schema;
  return Array.isArray(anyOf) ? { ...schema, anyOf: anyOf.map(asInstant) } : withTimes(schema);
};
