import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Actor, Role } from '../domain/actor.ts';
import { sha256 } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { referenceTo } from '../domain/identifiers.ts';
import type { Message } from '../domain/message.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { createOutboxStore } from './outbox.ts';
import { isBehind, type Page } from './page.ts';

export interface Token {
  id: string;
  prefix: string;
  kind: 'personal' | 'service' | 'bootstrap';
  /** Person of the catalogue, or name of the service account. */
  holder: string;
  /** The one team of a service account. */
  team: string | null;
  /** Highest role that the token may use, whatever its holder has. */
  scope: Role;
  createdAt: string;
  createdBy: Actor;
  expiresAt: string;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

export interface TokenAsk {
  kind: Token['kind'];
  holder: string;
  team?: string | undefined;
  scope: Role;
  expiresAt: string;
  /** For whom it speaks as well, when that is not only whoever makes it. */
  createdBy?: Actor | undefined;
  /** The address at which its holder is notified. */
  tell?: string | undefined;
}

export interface TokenFilter extends Page {
  of?: { people: readonly string[]; teams: readonly string[] } | undefined;
}

/** Whoever speaks in somebody's name has that person know of it. */
const mailOf = ({ id, prefix, holder, scope, expiresAt }: Token, by: string, to: string): Message => ({
  kind: 'email',
  to,
  subject: 'A token was created in your name',
  text: `${by} created the token ${prefix}… for ${holder}. It acts as ${holder}, with at most the role ${scope}, until ${expiresAt}.\n\nIf you did not expect it, revoke it and ask ${by}:\nevenkeel token revoke ${id}`,
});

/** All but the hash of the secret. */
const columns = sql.raw(
  'id, prefix, kind, holder, team, scope, created_at, created_by, expires_at, revoked_at, last_used_at',
);

/**
 * Tokens in PostgreSQL. Secrets look like `evk_…`, so that scanners find them where they do not belong. SHA-256 is enough to
 * keep them: a secret is 256 random bits, so there is nothing to guess.
 */
export const createTokenStore = (db: Database) => ({
  /** Makes a token; its secret is returned this once and kept as a hash. Refuses an id that has been used. */
  create: (id: string, { kind, holder, team, scope, expiresAt, createdBy, tell }: TokenAsk, by: Actor, at: string) =>
    db.transaction().execute(async (tx) => {
      const secret = `evk_${randomBytes(32).toString('base64url')}`;
      const { rows } = await sql<Token>`
        insert into token (id, hash, prefix, kind, holder, team, scope, created_by, expires_at)
        values (${id}, ${sha256(secret)}, ${secret.slice(0, 12)}, ${kind}, ${holder}, ${team ?? null}, ${scope}, ${JSON.stringify(createdBy ?? by)}::jsonb, ${expiresAt})
        on conflict (id) do nothing returning ${columns}`.execute(tx);
      if (!rows[0])
        throw new DomainError(
          'conflict',
          `this Idempotency-Key has made token ${id} already, and its secret is shown only once: revoke it and make another`,
          'Idempotency-Key',
        );
      const subject = `token/${id}`;
      const detail = { kind, holder, team: team ?? null, scope, expiresAt };
      await append(tx, { key: `${subject}/created`, at, actor: by, action: 'token.created', subject, detail });
      if (tell !== undefined)
        await createOutboxStore(tx).put(`${subject}/told`, referenceTo('token', id), mailOf(rows[0], by.name, tell));
      return { token: rows[0], secret };
    }),
  /** The living token with this secret; undefined when unknown, expired or revoked. */
  async find(secret: string) {
    const { rows } = await sql<Token>`
      select ${columns} from token where hash = ${sha256(secret)} and revoked_at is null and expires_at > now()`.execute(
      db,
    );
    const [token] = rows;
    // Once a minute is exact enough, and keeps a busy token from writing at each request.
    if (token && (token.lastUsedAt === null || Date.now() - Date.parse(token.lastUsedAt) > 60_000))
      await sql`update token set last_used_at = now() where id = ${token.id}`.execute(db);
    return token;
  },
  async byId(id: string) {
    const { rows } = await sql<Token>`select ${columns} from token where id = ${id}`.execute(db);
    return rows[0];
  },
  /** The newest first: of these people and teams, of all when none are given. */
  async list({ of, after, limit }: TokenFilter) {
    const { rows } = await sql<Token>`
      select ${columns} from token
      where (${of === undefined} or team = any(${of?.teams ?? []}) or (team is null and holder = any(${of?.people ?? []})))
        and ${isBehind(after, sql`created_at`, sql`id`)}
      order by created_at desc, id desc limit ${limit}`.execute(db);
    return rows;
  },
  revoke: (id: string, by: Actor, at: string) =>
    db.transaction().execute(async (tx) => {
      const { rows } =
        await sql`update token set revoked_at = ${at} where id = ${id} and revoked_at is null returning id`.execute(tx);
      if (rows.length === 0) return false;
      await append(tx, { key: `token/${id}/revoked`, at, actor: by, action: 'token.revoked', subject: `token/${id}` });
      return true;
    }),
  async hasBootstrap() {
    const { rows } = await sql`select 1 from token where kind = 'bootstrap' limit 1`.execute(db);
    return rows.length > 0;
  },
});
export type TokenStore = ReturnType<typeof createTokenStore>;
