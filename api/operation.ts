import type { z } from 'zod';
import type { Role } from '../domain/actor.ts';
import type { Access } from './access.ts';

/** What may be asked of the API: method, path, schemas and the least role. Routes, OpenAPI and tests come from it. */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  id: string;
  method: 'get' | 'post' | 'delete' | 'options';
  path: string;
  /** Another method that means the same, for senders that can be set to it; the document does not have it. */
  alsoBy?: 'put';
  summary: string;
  tag: string;
  /**
   * The least role, held in some team; each handler asks again for the team of the thing at hand. `anyone` needs no
   * token, `holder` holds any living token, `sender` proves itself by signature, `auditor` is an auditor or the first
   * admin.
   */
  role: Role | 'auditor' | 'holder' | 'sender' | 'anyone';
  params?: Params;
  query?: Query;
  body?: Body;
  /** Headers that the handler reads, as people write their names; it gets no others. A sender's format gets them all. */
  headers?: z.ZodObject;
  /**
   * How a sender proves itself, if not by what is in the body, and what it may send by content type. Everybody else has a token
   * and sends JSON.
   */
  sender?: { proof?: Proof; bodies: Record<string, z.ZodType> };
  /** Most bytes of the body; 100 KiB unless said. */
  limit?: number;
  answer: Said;
  /** Other answers that are no problems. */
  alsoAnswers?: readonly Said[];
  handle(ask: Ask<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/** The ways in which senders prove themselves. */
export type Proof = 'githubSignature' | 'pagerdutySignature' | 'slackSignature' | 'sourceSecret';

/** One answer of an operation, as it is published. */
export interface Said {
  status: number;
  description: string;
  schema?: z.ZodType;
  /** JSON unless said. */
  contentType?: string;
  /** Headers that it has, with their meaning. */
  headers?: Record<string, string>;
}

export interface Ask<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  access: Access;
  headers: Readonly<Record<string, string | undefined>>;
  /** Aborted when whoever asks has gone away; made when it is asked for. */
  gone(): AbortSignal;
}

export interface Answer {
  /** What the operation says, unless it is another one this time. */
  status?: number | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

/** An operation as its own file has it; its tag is the file's. */
export type Untagged = Omit<Operation, 'tag'>;

/** Method and path as one reads them; `{name}` for parameters. */
type Route = `${'GET' | 'POST' | 'DELETE' | 'OPTIONS'} /${string}`;

/** Checks the types of one operation and forgets them, so that all fit into one map. */
export const operation = <Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>({
  route,
  ...described
}: Omit<Operation<Params, Query, Body>, 'method' | 'path' | 'tag'> & { route: Route }): Untagged => {
  const [method, path] = route.split(' ') as [string, string];
  return { ...described, method: method.toLowerCase() as Operation['method'], path };
};

export const tagged = (tag: string, operations: readonly Untagged[]): Operation[] =>
  operations.map((untagged) => ({ ...untagged, tag }));
