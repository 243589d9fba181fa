import {
  CamelCasePlugin,
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type RawBuilder,
  sql,
} from 'kysely';
import pg from 'pg';

/**
 * Rows are read and written with `sql`. They come as the rest of the house writes them: names in camel case, times in ISO
 * 8601, whole numbers as numbers; what a row holds is parsed by its schema.
 */
export type Database = Kysely<Record<string, never>>;

export interface Connected {
  db: Database;
  pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  connections?: number;
  /** Called with connection errors, which are passing: the next query connects anew. */
  onError?: (error: Error) => void;
}

const statementTimeoutMs = 2_300;
const connectTimeoutMs = 1_500;

const { INT8, TIMESTAMPTZ } = pg.types.builtins;
const dateOf: (text: string) => Date = pg.types.getTypeParser(TIMESTAMPTZ);
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (type, format) => {
  // None of our whole numbers grows past those that a double holds exactly.
  if (type === INT8) return Number;
  if (type === TIMESTAMPTZ) return (text: string) => dateOf(text).toISOString();
  return pg.types.getTypeParser(type, format);
};

/** Connects lazily, so that a process may start before its database. Every statement and every connect has a limit. */
export function connect({ url, connections = 10, onError = () => {} }: DatabaseOptions): Connected {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 300,
    keepAlive: true,
    types: { getTypeParser },
  });
  // A server that stops would otherwise end the process: idle clients report to the pool, busy ones to themselves.
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  const db: Database = new Kysely({
    dialect: new PostgresDialect({ pool: preparing(pool) }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return { db, pool, close: () => db.destroy() };
}

/**
 * A statement that begins with `prepared` is parsed and planned once by each connection, under its text: for those that
 * run often and whose text is always the same.
 */
export const prepared = sql.raw('/* prepared */');

const preparing = (pool: pg.Pool): PostgresPool => {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    if (!text.startsWith('/* prepared */')) return undefined;
    const name = names.get(text) ?? `prepared-${names.size + 1}`;
    names.set(text, name);
    return name;
  };
  // Kysely knows a connection by its client.
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const clientOf = (client: pg.PoolClient): PostgresPoolClient =>
    Object.assign(Object.create(client) as PostgresPoolClient, {
      query: (text: string, values: unknown[]) => client.query({ name: nameOf(text), text, values }),
    });
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client) ?? clientOf(client);
      clients.set(client, known);
      return known;
    },
  };
};

/**
 * Writes that do not look at each other, as one statement: one transaction, and one way there and back. They may look at
 * `lost`, the rows that stand against them; one of these is returned, if there are any.
 */
export async function writeTogether<Lost>(
  db: Database,
  writes: readonly (RawBuilder<unknown> | undefined)[],
  lost?: RawBuilder<Lost>,
): Promise<Lost | undefined> {
  const parts = writes.flatMap((write, index) =>
    write === undefined ? [] : [sql`${sql.ref(`write_${index}`)} as (${write})`],
  );
  const given = lost ? [sql`lost as (${lost})`] : [];
  const { rows } = await sql<{ lost: Lost | null }>`
    ${prepared} with ${sql.join([...given, ...parts])} select ${lost ? sql`(select to_jsonb(lost) from lost limit 1)` : sql`null`} as lost`.execute(
    db,
  );
  return rows[0]?.lost ?? undefined;
}

/** Rows that wait, and the age of the oldest in seconds. */
export interface Depth {
  waiting: number;
  oldestSeconds: number;
}

export const depthSince = (column: string): RawBuilder<unknown> => sql`
  count(*) as waiting, coalesce(extract(epoch from now() - min(${sql.ref(column)})), 0)::float as oldest_seconds`;

const unavailable = /^(?:08|53|57P|58|XX)/;

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '');

/** True when others were in the way: a deadlock, say, or a lock that was not to be had. The same may succeed at once. */
export const isCollision = (error: unknown): boolean => error instanceof Error && /^(?:40|55P03)/.test(codeOf(error));

/** True when the database is away, overloaded or busy with others, as opposed to having refused what was asked. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (isCollision(error) || unavailable.test(code) || code === '57014' || code === '25006') return true;
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'].includes(code)) return true;
  return /timeout|terminated|ended|Connection|too many clients/i.test(error.message) && !/^[0-9A-Z]{5}$/.test(code);
}
