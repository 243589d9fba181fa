import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Request, type Response } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { evenkeel, reaches } from '../domain/actor.rules.ts';
import { DomainError } from '../domain/errors.ts';
import { readJson } from '../domain/json.ts';
import { type Access, accessOf, capText } from './access.ts';
import type { Context } from './context.ts';
import { errorHandler, HttpError, sendProblem } from './errors.ts';
import type { Operation } from './operation.ts';
import { refuseOtherMethods } from './method.ts';
import { operationsOf } from './routes/index.ts';
import { serveDocs } from './docs.ts';
import { endWith, goneWith, textsOf } from './exchange.ts';
import { createSenderPosts } from './sender-post.ts';
import { showSignposts } from './signpost.ts';

const smallLimit = 100 * 1024;

/** The whole HTTP interface, made from the map of operations. */
export function createApp(
  context: Context,
  options: { isSecure: boolean },
  operations: readonly Operation[] = operationsOf(context),
): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('trust proxy', false);
  const everywhere = headersOf(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: csp },
      strictTransportSecurity: options.isSecure,
    }),
  );
  app.use((_request, response, next) => {
    response.set(everywhere);
    next();
  });
  serveDocs(app, operations);
  showSignposts(app);
  for (const operation of operations) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const raw = express.raw({ type: () => true, limit: operation.limit ?? smallLimit, inflate: false });
    const handle = async (request: Request, response: Response): Promise<void> => {
      const access = await accessFor(operation, request, context);
      const answer = await operation.handle({
        params: parsed(operation.params, request.params),
        query: parsed(operation.query, request.query),
        body: bodyOf(operation, request),
        access,
        headers: headersFor(operation, request),
        gone: () => goneWith(response),
      });
      const { status = operation.answer.status, body, headers = {} } = answer;
      response.status(status).set(headers);
      if (body !== undefined && (typeof body === 'string' || Buffer.isBuffer(body))) response.send(body);
      else if (body !== undefined && operation.method === 'get') response.json(body);
      else endWith(response, body);
    };
    for (const method of [operation.method, ...(operation.alsoBy ? [operation.alsoBy] : [])])
      app[method](path, raw, handle);
  }
  refuseOtherMethods(app);
  app.use((request, response) =>
    sendProblem(response, 404, { detail: `there is no ${request.method} ${request.path}` }),
  );
  app.use(errorHandler(context.log));
  const posts = createSenderPosts(operations, { log: context.log, everywhere, access: nobody });
  return (request, response) => {
    if (!posts.take(request, response)) app(request, response);
  };
}

/** The same of every answer: what helmet sets, and that nothing is kept on the way. */
const headersOf = (middleware: ReturnType<typeof helmet>): Record<string, string> => {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  middleware(response.req, response, () => {});
  return { ...(response.getHeaders() as Record<string, string>), 'cache-control': 'no-store' };
};

const csp = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

const nothing = z.strictObject({});

/** Paths and queries with a NUL would be refused by PostgreSQL, which is nobody's fault but the sender's. */
const parsed = (schema: z.ZodType | undefined, value: unknown): unknown => {
  const given = { ...(value as Record<string, unknown>) };
  if (
    Object.entries(given)
      .flat()
      .some((text) => String(text).includes('\0'))
  )
    throw new HttpError(400, 'a NUL has no place in an address');
  return (schema ?? nothing).parse(given, { reportInput: true });
};

/** What is not published is not read; a format of senders judges all that came. */
const headersFor = ({ role, headers }: Operation, request: Request): Record<string, string | undefined> => {
  const sent = textsOf(request.headers);
  if (role === 'sender') return sent;
  const read = new Set(Object.keys(headers?.shape ?? {}).map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(sent).filter(([name]) => read.has(name)));
};

/** Senders' bodies stay bytes; everybody else's are JSON that fits the schema. */
const bodyOf = ({ role, body: schema }: Operation, request: Request): unknown => {
  const bytes: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (role === 'sender') return bytes;
  if (schema === undefined) return undefined;
  const type = request.get('content-type') ?? '';
  if (bytes.length > 0 && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new HttpError(415, 'expected content-type: application/json');
  try {
    return schema.parse(bytes.length === 0 ? {} : readJson(bytes), { reportInput: true });
  } catch (error) {
    if (error instanceof DomainError) throw new HttpError(400, error.message);
    throw error;
  }
};

const nobody = accessOf(
  { id: '', kind: 'service', holder: 'nobody', team: null, scope: 'viewer', createdBy: evenkeel },
  [],
  undefined,
);

const mayAsk = (role: Exclude<Operation['role'], 'sender' | 'anyone'>, access: Access): boolean => {
  if (role === 'holder') return true;
  return role === 'auditor' ? access.isAuditor || access.token.kind === 'bootstrap' : access.holds(role);
};

const accessFor = async ({ role }: Operation, request: Request, { stores, recent }: Context): Promise<Access> => {
  if (role === 'anyone' || role === 'sender') return nobody;
  const [, secret] = /^Bearer +(\S{1,200})$/i.exec(request.get('authorization') ?? '') ?? [];
  const token = secret === undefined ? undefined : await stores.tokens.find(secret);
  if (!token) {
    const detail =
      secret === undefined
        ? 'a token is needed: Authorization: Bearer …'
        : 'the token is not known here, has expired or was revoked';
    throw new HttpError(401, detail, { headers: { 'www-authenticate': 'Bearer' } });
  }
  const [teams, person] = await Promise.all([
    recent.list('Team'),
    token.kind === 'personal' ? recent.find('Person', token.holder) : undefined,
  ]);
  const access = accessOf(token, teams, person);
  if (!mayAsk(role, access))
    throw new DomainError('not-allowed', `this needs the role ${role}${lackText(role, access)}`);
  return access;
};

const lackText = (role: Operation['role'], { token }: Access): string => {
  if (token.kind === 'bootstrap' || role === 'holder' || role === 'auditor' || role === 'anyone' || role === 'sender')
    return '';
  return reaches(token.scope, role) ? `, which ${token.holder} has in no team` : capText(token);
};
