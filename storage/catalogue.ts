import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import { digestOf } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { type Document, type Kind, type SpecOf, specs } from '../domain/document.ts';
import type { CatalogueStore } from '../domain/ports.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { cached } from './cache.ts';

type Row = { kind: Kind; name: string; labels: Record<string, string>; spec: unknown; revision: number };

const applying = 7_480_003;
const mostCached = 5_000;
/** Lists are long, and few of them are asked for again. */
const mostLists = 16;

/**
 * Every document was checked when it was applied. Parsing again fills in what newer schemas default, and refuses nothing: a
 * document that would not be taken today was, and stays readable.
 */
const read = <K extends Kind>(kind: K, spec: unknown): SpecOf<K> => {
  const parsed = specs[kind].safeParse(spec);
  return (parsed.success ? parsed.data : spec) as SpecOf<K>;
};

const current = (kind: Kind | null, name: string | null, revision: number | undefined) => sql<Row>`
  select kind, name, labels, spec, revision from (
    select distinct on (kind, name) * from document
    where (${kind}::text is null or kind = ${kind}) and (${name}::text is null or name = ${name})
      and revision <= ${revision ?? Number.MAX_SAFE_INTEGER}
    order by kind, name, revision desc) newest
  where not is_deleted order by kind, name`;

export interface CatalogueStorage extends CatalogueStore {
  all(revision?: number): Promise<(Document & { revision: number })[]>;
  /**
   * Writes the documents that differ, and the absence of those that are removed, as one new revision, in one transaction;
   * returns its number, or the current one when nothing differs. Throws `conflict` when the catalogue is not at the revision
   * `base` any more, against which they were checked.
   */
  apply(
    documents: readonly Document[],
    by: Actor,
    at: string,
    more?: { base?: number; removed?: readonly Pick<Document, 'kind' | 'name'>[] },
  ): Promise<{ revision: number; changed: string[] }>;
}

/** The catalogue in PostgreSQL: every document by revision. */
export const createCatalogueStore = (db: Database): CatalogueStorage => {
  const revision = async (on: Database = db): Promise<number> => {
    const { rows } = await sql<{ number: number }>`select coalesce(max(number), 0) as number from revision`.execute(on);
    return rows[0]!.number;
  };
  const stored = async (kind: Kind | null, name: string | null, at?: number, on: Database = db) => {
    const { rows } = await current(kind, name, at).execute(on);
    return rows.map((row) => ({ ...row, spec: read(row.kind, row.spec) }));
  };
  const one = async (kind: Kind, name: string, at?: number): Promise<unknown> =>
    (await stored(kind, name, at))[0]?.spec;
  // A revision that is there never changes, nor what it lacks; one to come may still say anything.
  const final = cached(mostCached, async (kind: Kind, name: string, at: number) => ({
    spec: await one(kind, name, at),
  }));
  const listed = async (kind: Kind, at?: number): Promise<Document[]> => {
    const found = await stored(kind, null, at);
    return found.map(({ name, labels, spec }) => ({ kind, name, labels, spec }));
  };
  const finalList = cached(mostLists, (kind: Kind, at: number) => listed(kind, at));
  let newest = 0;
  const isFinal = async (at: number): Promise<boolean> => {
    if (at > newest) newest = await revision();
    return at <= newest;
  };
  return {
    revision: () => revision(),
    all: (at) => stored(null, null, at),
    async find<K extends Kind>(kind: K, name: string, at?: number): Promise<SpecOf<K> | undefined> {
      const isKept = at !== undefined && (await isFinal(at));
      const spec = isKept ? (await final(kind, name, at))?.spec : await one(kind, name, at);
      return spec as SpecOf<K> | undefined;
    },
    async list<K extends Kind>(kind: K, at?: number): Promise<Document<K>[]> {
      const isKept = at !== undefined && (await isFinal(at));
      return (await (isKept ? finalList(kind, at) : listed(kind, at))) as Document<K>[];
    },
    apply: (documents, by, at, { base, removed = [] } = {}) =>
      db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${applying})`.execute(tx);
        const before = new Map(
          (await stored(null, null, undefined, tx)).map((old) => [
            `${old.kind}/${old.name}`,
            digestOf([old.labels, old.spec]),
          ]),
        );
        const differing = documents.filter(
          (next) => before.get(`${next.kind}/${next.name}`) !== digestOf([next.labels, next.spec]),
        );
        const leaving = removed.filter(({ kind, name }) => before.has(`${kind}/${name}`));
        await refuseAnswerable(tx, leaving);
        const last = await revision(tx);
        if (differing.length + leaving.length === 0) return { revision: last, changed: [] };
        if (base !== undefined && base !== last)
          throw new DomainError('conflict', 'somebody else has applied meanwhile: nothing was applied, try again');
        const number = last + 1;
        const changed = [...differing, ...leaving].map(({ kind, name }) => `${kind}/${name}`);
        await sql`insert into revision (number, applied_by, summary) values (${number}, ${JSON.stringify(by)}::jsonb, ${changed.join(' ').slice(0, 2000)})`.execute(
          tx,
        );
        const rows = [
          ...differing.map((document) => ({
            ...document,
            digest: digestOf([document.labels, document.spec]),
            is_deleted: false,
          })),
          ...leaving.map(({ kind, name }) => ({ kind, name, labels: {}, spec: {}, digest: '', is_deleted: true })),
        ];
        await sql`
          insert into document (kind, name, revision, labels, spec, digest, is_deleted)
          select kind, name, ${number}::bigint, labels, spec, digest, is_deleted
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(kind text, name text, labels jsonb, spec jsonb, digest text, is_deleted boolean)`.execute(
          tx,
        );
        await append(tx, {
          key: `catalogue/${number}`,
          at,
          actor: by,
          action: 'catalogue.applied',
          subject: `catalogue/${number}`,
          detail: {
            changed: rows.flatMap(({ kind, name, digest, is_deleted }) => (is_deleted ? [] : [{ kind, name, digest }])),
            ...(leaving.length > 0 ? { deleted: leaving.map(({ kind, name }) => ({ kind, name })) } : {}),
          },
        });
        return { revision: number, changed };
      }),
  };
};

/** A team that answers for something open stays: nobody else could see it, or act on it. */
const refuseAnswerable = async (tx: Database, leaving: readonly Pick<Document, 'kind' | 'name'>[]): Promise<void> => {
  const teams = leaving.flatMap(({ kind, name }) => (kind === 'Team' ? [name] : []));
  const { rows } = await sql<{ team: string; reference: string }>`
    select team, reference from record where team = any(${teams}::text[]) and closed_at is null
    order by opened_at limit 1`.execute(tx);
  const [open] = rows;
  if (open) throw new DomainError('conflict', `team ${open.team} answers for ${open.reference}, which is not over`);
};
