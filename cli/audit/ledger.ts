import { createHash } from 'node:crypto';
import type { Export } from './export.ts';

/** An entry of the export's ledger, as it is written there. */
export interface Entry {
  key: string;
  at: string;
  actor: { type?: string; name: string };
  action: string;
  subject: string;
  belongsTo?: string;
  reason?: string;
  detail?: Record<string, unknown>;
  recordDigest?: string;
  /** A signed checkpoint covers it. */
  isSigned: boolean;
}

export interface Ledger {
  /** The record that all entries belong to. */
  record: string;
  entries: readonly Entry[];
}

/** What is wrong with a thing, or why nothing proves it; nothing when the ledger carries it. */
export interface Finding {
  kind: 'problem' | 'unbound';
  text: string;
}

/** Looks at one part of an export. */
export type Part = (file: Export, ledger: Ledger) => Finding[];

export const problem = (text: string): Finding[] => [{ kind: 'problem', text }];
export const unbound = (text: string): Finding[] => [{ kind: 'unbound', text }];

/** JSON with sorted keys, as the digests were made. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const digestOf = (value: unknown): string => sha256(canonical(value));

/** One thing against the digest in the entry that was written with it. */
export const held = (item: string, value: unknown, entry: Entry | undefined): Finding[] => {
  if (entry && entry.recordDigest === undefined) return problem(`${item}: its entry holds no digest`);
  if (entry && entry.recordDigest !== digestOf(value)) return problem(`${item}: it is not as the ledger has it`);
  return carried(item, entry);
};

/** Whether there is an entry that says it, and whether a checkpoint covers that. */
export const carried = (item: string, entry: Entry | undefined): Finding[] => {
  if (!entry) return problem(`${item}: the ledger does not know it`);
  return entry.isSigned ? [] : unbound('under no signed checkpoint yet');
};

/** Things that the ledger speaks of and the part does not have. */
export const missing = (known: readonly string[], there: readonly string[]): Finding[] =>
  [...new Set(known)]
    .filter((item) => !there.includes(item))
    .flatMap((item) => problem(`${item}: the ledger knows it, the file does not have it`));

export const keyed = ({ entries }: Ledger, key: string): Entry | undefined =>
  entries.find((entry) => entry.key === key);

/**
 * A list of an export. The ledger speaks of each of its things as `<subject>/<name>`: none that it speaks of may be
 * missing, and each that is there is looked at.
 */
export const listed =
  <Item>(
    subject: string,
    named: (file: Export) => readonly (readonly [name: string, item: Item])[],
    look: (name: string, item: Item, ledger: Ledger) => Finding[],
  ): Part =>
  (file, ledger) => {
    const there = named(file);
    const known = ledger.entries.flatMap((entry) =>
      entry.subject.startsWith(`${subject}/`) ? [entry.subject.slice(subject.length + 1)] : [],
    );
    return [
      ...missing(
        known,
        there.map(([name]) => name),
      ),
      ...there.flatMap(([name, item]) => look(name, item, ledger)),
    ];
  };

/** The entry that a record's revision was saved with. Each revision has one, so none can be left out. */
export const saved = (item: string, record: { workflowId: string; rev: number }, ledger: Ledger): Finding[] => {
  const { workflowId, rev } = record;
  const known = ledger.entries.flatMap(({ key }) =>
    key.startsWith(`${workflowId}/`) ? [Number(key.slice(workflowId.length + 1))] : [],
  );
  const states = new Set(known);
  let whole = 0;
  while (states.has(whole + 1)) whole += 1;
  return [
    ...held(item, record, keyed(ledger, `${workflowId}/${rev}`)),
    ...(whole < rev ? problem(`${item}: the entry of its state ${whole + 1} is missing`) : []),
    ...(known.some((number) => number > rev) ? problem(`${item}: the ledger knows a later state`) : []),
  ];
};
