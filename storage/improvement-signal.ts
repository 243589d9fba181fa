import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { answered, answerWithinMs, isChased } from '../domain/improvement-signal/answer.rules.ts';
import { signalReference } from '../domain/identifiers.ts';
import type { SignalStore } from '../domain/improvement-signal/ports.ts';
import { type Condition, ImprovementSignal } from '../domain/improvement-signal.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { type Listed, listed, readable, readStored } from './stored.ts';

export interface SignalFilter extends TeamsPage {
  service?: string | undefined;
  kind?: string | undefined;
  status?: string | undefined;
}

export interface SignalStorage extends SignalStore {
  /** The newest first. */
  list(filter: SignalFilter): Promise<Listed<ImprovementSignal>>;
}

interface Row {
  id: string;
  record: unknown;
}
const signalOf = ({ id, record }: Row): ImprovementSignal => readStored(ImprovementSignal, record, `signal ${id}`);
const most = 1_000;

/** What it is about: until it is done, there is one signal of it. */
const subjectOf = ({ kind, service = '', cluster }: Pick<Condition, 'kind' | 'service' | 'cluster'>): string =>
  [kind, service, cluster].join(' ');

const firstOf = (condition: Condition, team: string, at: string): ImprovementSignal => ({
  ...condition,
  id: randomUUIDv7(),
  team,
  status: 'open',
  raisedAt: at,
  seenAt: at,
  dueAt: new Date(Date.parse(at) + answerWithinMs).toISOString(),
  answers: [],
  chased: 0,
});

/** Improvement signals in PostgreSQL, each once for what it is about. */
export const createSignalStore = (db: Database): SignalStorage => {
  const save = async (
    tx: Database,
    signal: ImprovementSignal,
    entry: Omit<LedgerEntry, 'subject' | 'at'> & { at: string },
  ): Promise<ImprovementSignal> => {
    const { id, status, dueAt } = signal;
    await sql`
      update improvement_signal set status = ${status}, due_at = ${dueAt}, record = ${JSON.stringify(signal)}::jsonb
      where id = ${id}`.execute(tx);
    await append(tx, boundTo(signal, [{ ...entry, subject: signalReference(id) }]));
    return signal;
  };
  const locked = async (tx: Database, id: string): Promise<ImprovementSignal> => {
    const { rows } = await sql<Row>`select id, record from improvement_signal where id = ${id} for update`.execute(tx);
    if (!rows[0]) throw new DomainError('not-found', `there is no signal ${id}`);
    return signalOf(rows[0]);
  };

  return {
    raise: (raised, at) =>
      db.transaction().execute(async (tx) => {
        if (raised.length === 0) return;
        // Two reports at once would both find a condition new.
        await sql`select pg_advisory_xact_lock(hashtextextended('improvement signals', 0))`.execute(tx);
        const { rows } = await sql<Row>`
          select id, record from improvement_signal
          where status <> 'done' and (kind, coalesce(service, ''), cluster) in (
            select kind, coalesce(service, ''), cluster
            from jsonb_to_recordset(${JSON.stringify(raised.map(({ condition }) => condition))}::jsonb) as t(kind text, service text, cluster text))
          for update`.execute(tx);
        const known = new Map(readable(rows, signalOf).map((signal) => [subjectOf(signal), signal]));
        const signals = raised.map(({ condition, team }): ImprovementSignal => {
          const { why, evidence, severity } = condition;
          const before = known.get(subjectOf(condition));
          return before ? { ...before, team, why, evidence, severity, seenAt: at } : firstOf(condition, team, at);
        });
        const told = JSON.stringify(signals.map((record) => ({ ...record, record })));
        const inserted = await sql<{ id: string }>`
          insert into improvement_signal (id, kind, service, cluster, team, status, raised_at, due_at, record)
          select id, kind, service, cluster, team, status, "raisedAt", "dueAt", record
          from jsonb_to_recordset(${told}::jsonb) as t(id uuid, kind text, service text, cluster text, team text, status text,
            "raisedAt" timestamptz, "dueAt" timestamptz, record jsonb)
          on conflict do nothing returning id`.execute(tx);
        await sql`
          update improvement_signal s set record = t.record, team = t.team
          from jsonb_to_recordset(${told}::jsonb) as t(id uuid, team text, record jsonb) where s.id = t.id and s.record <> t.record`.execute(
          tx,
        );
        const isNew = new Set(inserted.rows.map(({ id }) => id));
        await append(
          tx,
          signals.flatMap((signal) => {
            const subject = signalReference(signal.id);
            const entry: LedgerEntry = {
              key: `${subject}/raised`,
              at,
              actor: evenkeel,
              action: 'signal.raised',
              subject,
            };
            return isNew.has(signal.id) ? boundTo(signal, [entry]) : [];
          }),
        );
      }),
    async find(id) {
      const { rows } = await sql<Row>`select id, record from improvement_signal where id = ${id}`.execute(db);
      return rows[0] && signalOf(rows[0]);
    },
    answer: (id, ask, command, by: Actor, at) =>
      db.transaction().execute(async (tx) => {
        const signal = await locked(tx, id);
        const key = `${signalReference(id)}/${command}`;
        const { rows } = await sql`select from ledger_entry where key = ${key}`.execute(tx);
        if (rows[0]) return signal;
        const { reason, ...detail } = ask;
        return save(tx, answered(signal, ask, { by: by.name, at }), {
          key,
          at,
          actor: by,
          action: 'signal.answered',
          reason,
          detail,
        });
      }),
    async late(at) {
      const { rows } = await sql<Row>`
        select id, record from improvement_signal where status in ('open', 'accepted') and due_at <= ${at} order by due_at limit ${most}`.execute(
        db,
      );
      return readable(rows, signalOf).filter((signal) => isChased(signal, Date.parse(at)));
    },
    chase: ({ id, chased }, at) =>
      db.transaction().execute(async (tx) => {
        const signal = await locked(tx, id);
        if (signal.chased !== chased || !isChased(signal, Date.parse(at))) return false;
        const count = chased + 1;
        const key = `${signalReference(id)}/chased/${signal.answers.length}/${count}`;
        await save(tx, { ...signal, chased: count }, { key, at, actor: evenkeel, action: 'signal.chased' });
        return true;
      }),
    async during({ service, team }, from) {
      const { rows } = await sql<Row>`
        select id, record from improvement_signal
        where ${is('service', service)} and ${is('team', team)} and (status in ('open', 'accepted') or raised_at >= ${from})
        order by raised_at desc, id desc limit ${most}`.execute(db);
      return readable(rows, signalOf);
    },
    async list({ teams, service, kind, status, after, limit }) {
      const { rows } = await sql<Row & { raisedAt: string }>`
        select id, record, raised_at from improvement_signal
        where ${isOfTeams(teams)} and ${is('service', service)} and ${is('kind', kind)} and ${is('status', status)}
          and ${isBehind(after, sql`raised_at`, sql`id::text`)}
        order by raised_at desc, id::text desc limit ${limit}`.execute(db);
      return listed(rows, limit, signalOf, ({ raisedAt: at, id }) => ({ at, id }));
    },
  };
};
