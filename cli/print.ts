import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import stringWidth from 'string-width';
import { CommandFailure, isFault } from './failure.ts';

/** One line for people and programs. */
export const say = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/** One line beside what was asked for. */
export const note = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** A word of a command, as a shell takes it. */
export const inShell = (word: string): string =>
  /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

export const asJson = (value: unknown): string => JSON.stringify(value, null, 2);

/** Text that others wrote: it may not move the cursor, ring bells, turn the way of reading or pass for a line of ours. */
export const plain = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ');

/** The beginning of a long text, for a table; `--json` has all of it. */
export const short = (text: string, most = 60): string => {
  const letters = Array.from(new Intl.Segmenter().segment(plain(text)), ({ segment }) => segment);
  const begin = letters.slice(0, most - 1).join('');
  return letters.length <= most ? letters.join('') : `${begin.trimEnd()}…`;
};

/** As `plain`, for text of several lines; tabs stay, since YAML may hold them. */
export const plainLines = (text: string): string =>
  text
    .replaceAll(/\r\n/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ');

/** The text in a field of something; empty if there is none. */
export const textIn = (something: object | undefined, field: string): string => {
  const value: unknown = Object.entries(something ?? {}).find(([name]) => name === field)?.[1];
  return typeof value === 'string' ? value : '';
};

/** Rows under headings; a column that is empty in all rows is left out. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], empty = 'none'): string {
  if (rows.length === 0) return empty;
  const used = headings.flatMap((_, column) => (rows.some((row) => (row[column] ?? '') !== '') ? [column] : []));
  const head = used.map((column) => styleText('bold', (headings[column] ?? '').toUpperCase()));
  return aligned([head, ...rows.map((row) => used.map((column) => row[column] ?? ''))]);
}

/** Pads all columns but the last, by the room that each text takes on a terminal: styles take none. */
export function aligned(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))));
  return rows
    .map((row) => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell))))
    .map((cells) => (indent + cells.join('  ')).trimEnd())
    .join('\n');
}

/** Names and values, one pair a line; what is not known is left out. */
export const facts = (pairs: readonly (readonly [string, string | undefined])[], indent = '  '): string =>
  aligned(
    pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
    indent,
  );

/** A moment as the clock and as the distance from now: `2026-11-24 16:09:22Z (3m ago)`. */
export function when(iso: string | null | undefined, now = Date.now()): string {
  if (iso === null || iso === undefined) return '';
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return plain(iso);
  const distance = at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z (${distance})`;
}

/** A length of time in its two greatest units: `4h 10m`. */
export const span = (ms: number): string =>
  ms < 1000 ? '0s' : prettyMilliseconds(Math.floor(ms / 1000) * 1000, { unitCount: 2, hideYear: true });

/** Statuses by how things stand. */
const colours = {
  green: 'met resolved closed completed done approved consumed applied pass ready accepted added not-needed',
  red: 'firing breached failed rejected expired undo-failed fail not-ready refused dead parked exhausted',
  yellow:
    'flapping at-risk paused detected triaged investigating mitigating running undoing waiting open asked asking changed gap awaiting-approval',
} as const;

/** A status in its colour, on a terminal that has colours. */
export function status(word: string): string {
  for (const colour of ['green', 'red', 'yellow'] as const)
    if (colours[colour].split(' ').includes(word)) return styleText(colour, word);
  return plain(word);
}

/** Says on stderr what is wrong and what to do, and returns the exit code. */
export function printFailure(error: unknown): number {
  if (error instanceof CommandFailure) {
    // One thing that is wrong is the message already.
    const wrong = (error.details.errors ?? []).map(textOf).filter((text) => text !== error.message);
    for (const text of wrong) note(plain(text));
    note(`evenkeel: ${plain(error.message)}`);
    if (error.details.hint !== undefined) note(error.details.hint);
    return error.exitCode;
  }
  note(`evenkeel: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

const textOf = (wrong: unknown): string => {
  if (isFault(wrong)) return `${wrong.field}: ${wrong.message}`;
  return typeof wrong === 'string' ? wrong : JSON.stringify(wrong);
};
