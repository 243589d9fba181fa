import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler, Request } from 'express';
import type { Logger } from 'pino';
import { z, ZodError } from 'zod';
import { faultText } from '../domain/catalogue/issue-text.ts';
import { DomainError, type RefusalCode } from '../domain/errors.ts';
import { UnsupportedMediaType } from '../domain/trigger/cloudevents.ts';
import { isUnavailable } from '../storage/database.ts';
import { UnreadableRow } from '../storage/stored.ts';

/** One thing that is wrong. */
const Fault = z.object({ field: z.string(), message: z.string() }).meta({ id: 'Fault' });

/** A problem by RFC 9457. `field` names what is at fault, `errors` all of it when there is more than one. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    field: z.string().optional(),
    errors: z.array(z.union([z.string(), Fault])).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });
export type Problem = z.infer<typeof Problem>;

/** An answer of its own kind: with a status that no refusal of the domain has. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly errors: Problem['errors'];

  constructor(
    status: number,
    message: string,
    { headers = {}, errors }: { headers?: Record<string, string>; errors?: NonNullable<Problem['errors']> } = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.errors = errors;
  }
}

const statusOf: Record<RefusalCode, number> = { invalid: 422, 'not-allowed': 403, 'not-found': 404, conflict: 409 };

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Our fault',
  503: 'Not available now',
};

export const sendProblem = (response: ServerResponse, status: number, more: Partial<Problem> = {}): void => {
  const problem: Problem = { type: 'about:blank', title: titles[status] ?? 'Error', status, ...more };
  response.statusCode = status;
  response.setHeader('content-type', 'application/problem+json; charset=utf-8');
  response.end(JSON.stringify(problem));
};

/** The one place where errors become answers. What is our fault is logged and says nothing of the inside. */
export const sendError = (response: ServerResponse, error: unknown, path: string, log: Logger): void => {
  if (error instanceof HttpError) {
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    return sendProblem(response, error.status, { detail: error.message, errors: error.errors });
  }
  if (error instanceof UnsupportedMediaType) return sendProblem(response, 415, { detail: error.message });
  if (error instanceof DomainError)
    return sendProblem(response, statusOf[error.code], { detail: error.message, field: error.field });
  if (error instanceof ZodError) {
    const errors = error.issues.flatMap(faultsOf);
    return sendProblem(response, 422, {
      detail: errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; '),
      field: errors[0]?.field || undefined,
      errors,
    });
  }
  const status = statusOfParser(error);
  if (status !== undefined) return sendProblem(response, status, { detail: detailOfParser(error as Error) });
  if (isUnavailable(error)) {
    response.setHeader('retry-after', '2');
    return sendProblem(response, 503, { detail: 'what was sent could not be kept: send it again' });
  }
  log.error({ err: error, path }, 'a request failed');
  // It names what is at fault, and says nothing of what is in it.
  if (error instanceof UnreadableRow) return sendProblem(response, 500, { detail: error.message });
  return sendProblem(response, 500, { detail: 'the fault is ours and has been logged' });
};

export const errorHandler =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) next(error);
    else sendError(response, error, pathOf(request), log);
  };

/** As the route has it: what stands in a path may be a secret. */
const pathOf = (request: Request): string => (request.route as { path: string } | undefined)?.path ?? request.path;

type Issue = ZodError['issues'][number];

const faultsOf = (issue: Issue): { field: string; message: string }[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'unknown field' }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return nearest(issue.errors).flatMap((inner) => faultsOf({ ...inner, path: [...issue.path, ...inner.path] }));
  return [{ field: issue.path.join('.'), message: faultText(issue, 'input' in issue ? issue.input : null) }];
};

/** Of the forms that something may have, the one that was probably meant: whose own fields are there. */
const nearest = (forms: readonly Issue[][]): Issue[] => {
  const strangers = (form: Issue[]): number =>
    form.filter(({ path, code }) => path.length === 0 || (path.length === 1 && code === 'invalid_type')).length;
  return forms.toSorted((a, b) => strangers(a) - strangers(b))[0] ?? [];
};

const detailOfParser = (error: Error): string =>
  'limit' in error ? `the body is too large: ${String(error.limit)} bytes at most` : error.message;

/** Express and its body parser say by a status what was wrong with a request. */
const statusOfParser = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
};
