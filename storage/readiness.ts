import { type RawBuilder, sql } from 'kysely';
import { DomainError } from '../domain/errors.ts';
import type { Actor } from '../domain/actor.ts';
import { planReference } from '../domain/identifiers.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { ReadinessStore } from '../domain/ports.ts';
import { grant, withdrawWaiver } from '../domain/readiness.rules.ts';
import { ReadinessReview, type Waiver } from '../domain/readiness.ts';
import { type Database, writeTogether } from './database.ts';
import { append, appending, boundTo } from './ledger.ts';
import { cached } from './cache.ts';
import { is } from './page.ts';
import { readStored } from './stored.ts';

/** What a check looks at. */
interface Place {
  service: string;
  environment: string;
  check: string;
}

export interface AttestationAsk extends Place {
  statement: string;
  link?: string | undefined;
  expiresAt: string;
}

export interface ReadinessStorage extends ReadinessStore {
  /** Keeps the statement under its id. Answers until when it is valid. The same again changes nothing; another one under the same id is refused. */
  attest(id: string, ask: AttestationAsk, by: Actor, at: string): Promise<{ expiresAt: string }>;
  /** Keeps what was asked for, as `attest` does, and returns it as it stands. */
  askForWaiver(id: string, ask: Place & { reason: string; expiresAt: string }, by: Actor, at: string): Promise<Waiver>;
  /** Grants a waiver. Refuses the person who asked for it, and one that is granted or has expired. */
  grantWaiver(id: string, by: Actor, at: string): Promise<Waiver>;
  /** Takes a waiver back, with the reason: it counts for nothing from then on. */
  withdrawWaiver(id: string, reason: string, by: Actor, at: string): Promise<Waiver>;
  waiver(id: string): Promise<Waiver | undefined>;
}

type Statement = NonNullable<Awaited<ReturnType<ReadinessStore['attestation']>>>;

/** Reviews, of which each has up to some hundred findings. */
const mostCached = 200;

/** Attestations, waivers and reviews in PostgreSQL. */
export const createReadinessStore = (db: Database): ReadinessStorage => ({
  async attestation(service, environment, check, by) {
    const { rows } = await sql<Statement & { link: string | null }>`
      select stated_by as by, stated_at as at, expires_at, link, statement from attestation
      where service = ${service} and environment = ${environment} and check_id = ${check} and ${is('stated_by', by)}
      order by stated_at desc limit 1`.execute(db);
    if (!rows[0]) return undefined;
    const { link, ...statement } = rows[0];
    return link === null ? statement : { ...statement, link };
  },
  attest: (id, ask, by, at) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        insert into attestation (id, service, environment, check_id, statement, link, stated_by, stated_at, expires_at)
        values (${id}, ${ask.service}, ${ask.environment}, ${ask.check}, ${ask.statement}, ${ask.link ?? null}, ${by.name}, ${at}, ${ask.expiresAt})
        on conflict (id) do nothing returning id`.execute(tx);
      if (!rows[0]) {
        const { rows: before } = await sql<Place & { statement: string; expiresAt: string }>`
          select service, environment, check_id as check, statement, expires_at from attestation where id = ${id}`.execute(
          tx,
        );
        const { expiresAt, ...stated } = before[0]!;
        refuseOther(ask, stated);
        return { expiresAt };
      }
      const entry = { key: `attestation/${id}`, at, actor: by, subject: `service/${ask.service}`, detail: { ...ask } };
      await append(tx, { ...entry, action: 'readiness.attested' });
      return { expiresAt: ask.expiresAt };
    }),
  waivers: (service, environment) =>
    waiversWhere(db, sql`service = ${service} and environment = ${environment} order by requested_at`),
  waiver: async (id) => (await waiversWhere(db, sql`id = ${id}`))[0],
  askForWaiver: (id, ask, by, at) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        insert into waiver (id, service, environment, check_id, reason, requested_by, asked_through, requested_at, expires_at)
        values (${id}, ${ask.service}, ${ask.environment}, ${ask.check}, ${ask.reason}, ${by.name}, ${lenderOf(by)}, ${at}, ${ask.expiresAt})
        on conflict (id) do nothing returning id`.execute(tx);
      const waiver = (await waiversWhere(tx, sql`id = ${id}`))[0]!;
      if (!rows[0]) {
        const { service, environment, check, reason } = waiver;
        refuseOther(ask, { service, environment, check, reason });
        return waiver;
      }
      const subject = `waiver/${id}`;
      const entry = { key: `${subject}/asked`, at, actor: by, subject, reason: ask.reason, detail: { ...ask } };
      await append(tx, { ...entry, action: 'waiver.asked' });
      return waiver;
    }),
  grantWaiver: (id, by, at) =>
    db.transaction().execute(async (tx) => {
      const [waiver] = await waiversWhere(tx, sql`id = ${id} for update`);
      if (!waiver) throw new DomainError('not-found', `there is no waiver ${id}`);
      const granted = grant(waiver, by.name, at);
      const { rows } = await sql<{ lender: string | null }>`
        select asked_through as lender from waiver where id = ${id}`.execute(tx);
      if (rows[0]?.lender === by.name)
        throw new DomainError(
          'not-allowed',
          'whoever made the token that a waiver was asked for with does not grant it',
        );
      await sql`update waiver set approved_by = ${by.name}, approved_at = ${at} where id = ${id}`.execute(tx);
      const subject = `waiver/${id}`;
      const detail = { check: waiver.check, service: waiver.service };
      await append(tx, { key: `${subject}/granted`, at, actor: by, action: 'waiver.granted', subject, detail });
      return granted;
    }),
  withdrawWaiver: (id, reason, by, at) =>
    db.transaction().execute(async (tx) => {
      const [waiver] = await waiversWhere(tx, sql`id = ${id} for update`);
      if (!waiver) throw new DomainError('not-found', `there is no waiver ${id}`);
      const withdrawn = withdrawWaiver(waiver, by.name);
      await sql`update waiver set withdrawn_by = ${by.name}, withdrawn_at = ${at} where id = ${id}`.execute(tx);
      const subject = `waiver/${id}`;
      const detail = { check: waiver.check, service: waiver.service };
      await append(tx, {
        key: `${subject}/withdrawn`,
        at,
        actor: by,
        action: 'waiver.withdrawn',
        subject,
        reason,
        detail,
      });
      return withdrawn;
    }),
  async saveReview(id, plan, review) {
    const { at, evidenceDigest } = review.signature;
    const subject = `review/${id}`;
    const detail = { verdict: review.verdict, evidenceDigest };
    const entry = { key: subject, at, actor: evenkeel, subject, belongsTo: planReference(plan), detail };
    await writeTogether(db, [
      sql`
        insert into readiness_review (id, plan, record) values (${id}, ${plan}, ${JSON.stringify(review)}::jsonb) on conflict (id) do nothing`,
      appending(boundTo(review, [{ ...entry, action: 'readiness.reviewed' }])),
    ]);
  },
  async newest(plan) {
    const { rows } = await sql<{ id: string; record: unknown }>`
      select id, record from readiness_review where plan = ${plan} order by number desc limit 1`.execute(db);
    return rows[0] && { id: rows[0].id, review: readStored(ReadinessReview, rows[0].record, `review ${rows[0].id}`) };
  },
  review: cached(mostCached, async (id) => {
    const { rows } = await sql<{ record: unknown }>`select record from readiness_review where id = ${id}`.execute(db);
    return rows[0] && readStored(ReadinessReview, rows[0].record, `review ${id}`);
  }),
});

/** Who made the token that somebody speaks through, if that is another. */
const lenderOf = (by: Actor): string | null => (by.type === 'system' ? null : (by.lentBy ?? null));

/** A request that comes again has to say what it said before. */
const refuseOther = (ask: object, before: object): void => {
  if (!Object.entries(before).every(([name, value]) => (ask as Record<string, unknown>)[name] === value))
    throw new DomainError('conflict', 'this Idempotency-Key came with another request before', 'Idempotency-Key');
};

const waiversWhere = async (db: Database, condition: RawBuilder<unknown>): Promise<Waiver[]> => {
  const { rows } = await sql<
    Omit<Waiver, 'approvedBy' | 'withdrawnBy'> & { approvedBy: string | null; withdrawnBy: string | null }
  >`
    select id, service, environment, check_id as check, reason, requested_by, approved_by, expires_at, withdrawn_by from waiver
    where ${condition}`.execute(db);
  return rows.map(({ approvedBy, withdrawnBy, ...row }) => ({
    ...row,
    ...(approvedBy === null ? {} : { approvedBy }),
    ...(withdrawnBy === null ? {} : { withdrawnBy }),
  }));
};
