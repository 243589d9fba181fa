import type pg from 'pg';
import type { ArrivedMail } from '../support/mailbox.ts';

/** A post that was answered with 202. */
export interface Acknowledged {
  row: string;
  /** Names of its alerts, each of which has a label `case`. */
  cases: string[];
}

/** One page of a level of an escalation to a person, as a mail server that honours keys has it. */
export interface Page {
  incident: string;
  key: string;
  at: number;
}

/** What of that which was acknowledged is not there. */
export const missingOf = async (db: pg.Pool, acknowledged: readonly Acknowledged[]): Promise<string[]> => {
  const rows = await db.query<{ id: string }>('select id from alert_inbox where id = any($1)', [
    acknowledged.map(({ row }) => row),
  ]);
  const alerts = await db.query<{ name: string }>(
    "select state->'last'->'labels'->>'case' as name from alert where state->'last'->'labels' ? 'case'",
  );
  const there = new Set([...rows.rows.map(({ id }) => id), ...alerts.rows.map(({ name }) => name)]);
  return acknowledged.flatMap(({ row, cases }) => [row, ...cases]).filter((each) => !there.has(each));
};

/** Pages by their Message-ID: one that came twice is one. */
export const pagesIn = (mails: readonly ArrivedMail[]): Page[] => {
  const known = new Map<string, Page>();
  for (const { messageId, to, text, at } of mails) {
    const [, incident] = /\/v1\/incidents\/(\d+)/.exec(text) ?? [];
    const [turn] = /You are level .*/.exec(text) ?? [];
    if (incident !== undefined && turn !== undefined && !known.has(messageId))
      known.set(messageId, { incident, key: `${incident} ${to} ${turn.trim()}`, at });
  }
  return [...known.values()];
};

/** Pages that say the same to the same person under another key. */
export const duplicatesIn = (pages: readonly Page[]): string[] => {
  const seen = new Set<string>();
  return pages.flatMap(({ key }) => {
    const isSecond = seen.has(key);
    seen.add(key);
    return isSecond ? [key] : [];
  });
};

/** Pages that came later than they may after they were due, and by how much. */
export const lateIn = (
  pages: ReadonlyMap<string, number>,
  dueAt: (incident: string) => number,
  withinMs: number,
): { incident: string; ms: number }[] =>
  [...pages].map(([incident, at]) => ({ incident, ms: at - dueAt(incident) })).filter(({ ms }) => ms > withinMs);

/** One-sided 95 % bound of a share of which none of so many was seen. */
export const boundOf = (count: number): string =>
  `0 of ${count}, with 95 % confidence under ${((3 / count) * 100).toPrecision(2)} %`;
