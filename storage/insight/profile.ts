import { sql } from 'kysely';
import type { Part } from '../../domain/insight/cluster.rules.ts';
import type { IncidentProfile } from '../../domain/insight/profile.ts';
import { termsOf } from '../../domain/insight/term.rules.ts';
import type { Template } from '../../domain/insight/template.rules.ts';
import type { Database } from '../database.ts';

/** Templates that were met, in the order in which they were. */
export const keepTemplates = async (tx: Database, met: readonly (Template & { scope: string })[]): Promise<void> => {
  const last = new Map(met.map((template, at) => [template.id, { ...template, at }]));
  if (last.size === 0) return;
  await sql`
    insert into insight_template (id, scope, tokens, met)
    select id, scope, array(select jsonb_array_elements_text(tokens)), at + (select coalesce(max(met), 0) + 1 from insight_template)
    from jsonb_to_recordset(${JSON.stringify([...last.values()])}::jsonb) as t(id bigint, scope text, tokens jsonb, at bigint)
    on conflict (id) do update set tokens = excluded.tokens, met = excluded.met`.execute(tx);
};

/** What each of these incidents was said not to be the same as: earlier ones alone, so that the later one leaves. */
export const differencesOf = async (tx: Database, numbers: readonly number[]): Promise<Map<number, Set<number>>> => {
  const { rows } = await sql<{ number: number; other: number }>`
    select other as number, incident as other from incident_difference where other = any(${numbers}::bigint[])`.execute(
    tx,
  );
  return new Map(
    [...Map.groupBy(rows, ({ number }) => number)].map(([number, some]) => [
      number,
      new Set(some.map(({ other }) => other)),
    ]),
  );
};

const mostOfPart = 2_000;

/** What each of these clusters has been parted into; those of which nobody has said anything are left out unless they are asked for. */
export const partsOf = async (
  tx: Database,
  bases: readonly string[],
  asked: readonly string[],
): Promise<Map<string, Part[]>> => {
  const { rows } = await sql<{ base: string } & Part>`
    with parted as (
      select distinct base from incident_profile where base = any(${bases}::text[]) and base <> cluster
      union select unnest(${asked}::text[]))
    select p.base, p.cluster, (array_agg(p.incident order by p.at desc, p.incident desc))[1:${sql.raw(String(mostOfPart))}] as incidents,
      array(select t.term from incident_term t
        where t.incident = (array_agg(p.incident order by p.at, p.incident))[1] and t.term not like 'cause/%') as terms
    from parted join incident_profile p using (base) group by p.base, p.cluster order by p.base, p.cluster`.execute(tx);
  return Map.groupBy(
    rows.map(({ incidents, ...row }) => ({ ...row, incidents: incidents.map(Number) })),
    ({ base }) => base,
  );
};

export interface KeptProfile {
  before: IncidentProfile | undefined;
  after: IncidentProfile | undefined;
  base: string;
}

/** Keeps what incidents are known by, or forgets it, with what counts how many incidents have what. */
export const keepProfiles = async (tx: Database, kept: readonly KeptProfile[]): Promise<void> => {
  const changed = kept.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after));
  if (changed.length === 0) return;
  const numbers = changed.map(({ before, after }) => (after ?? before)!.number);
  const profiles = changed.flatMap(({ after, base }) =>
    after ? [{ ...after, base, is_private: after.isPrivate, profile: after, terms: termsOf(after) }] : [],
  );
  await sql`delete from incident_term where incident = any(${numbers}::bigint[])`.execute(tx);
  await sql`delete from incident_profile where incident = any(${numbers}::bigint[])`.execute(tx);
  await sql`
    with profile as (
      insert into incident_profile (incident, at, team, is_private, base, cluster, profile)
      select number, at, team, is_private, base, cluster, profile from jsonb_to_recordset(${JSON.stringify(profiles)}::jsonb)
        as t(number bigint, at timestamptz, team text, is_private boolean, base text, cluster text, profile jsonb))
    insert into incident_term (term, at, incident)
    select jsonb_array_elements_text(terms), at, number from jsonb_to_recordset(${JSON.stringify(profiles)}::jsonb)
      as t(number bigint, at timestamptz, terms jsonb)`.execute(tx);
  await count(tx, changed);
};

const count = async (tx: Database, changed: readonly KeptProfile[]): Promise<void> => {
  const words = new Map<string, number>();
  const total = { documents: 0, words: 0 };
  const add = (profile: IncidentProfile | undefined, by: 1 | -1): void => {
    if (!profile) return;
    total.documents += by;
    total.words += by * profile.words.length;
    for (const word of new Set(profile.words)) words.set(word, (words.get(word) ?? 0) + by);
  };
  for (const { before, after } of changed) {
    add(before, -1);
    add(after, 1);
  }
  const rows = [...words].flatMap(([word, documents]) => (documents === 0 ? [] : [{ word, documents }]));
  await sql`
    insert into insight_word (word, documents)
    select word, documents from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(word text, documents bigint)
    on conflict (word) do update set documents = insight_word.documents + excluded.documents`.execute(tx);
  await sql`
    update insight_corpus set documents = documents + ${total.documents}, words = words + ${total.words}`.execute(tx);
};

/** What was saved of these incidents until then was looked at. */
export const noteProfiled = async (
  tx: Database,
  looked: readonly { number: number; changes: number }[],
): Promise<void> => {
  const rows = looked.map(({ number, changes }) => ({ number, changes }));
  await sql`
    update incident i set profiled = t.changes
    from (select l.number, l.changes from incident k join jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as l(number bigint, changes bigint) using (number)
      order by k.number for update of k) as t
    where i.number = t.number and i.profiled < t.changes`.execute(tx);
};
