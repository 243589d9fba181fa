import type { AlertSeverity } from './severity.ts';

/** What a source has told of an alert, once its mapping is applied. Instants are ISO 8601 in UTC, so that they compare as text. */
export interface ToldAlert {
  status: 'firing' | 'resolved' | 'acknowledged';
  startedAt: string;
  endedAt?: string | undefined;
  title: string;
  severity: AlertSeverity;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  link?: string | undefined;
}

/** That it began to fire, or ended, at an instant (milliseconds). */
export type ToldState = readonly [at: number, isFiring: boolean];

/** What all that was told of an alert comes to, in whatever order it came. */
export interface FoldedAlert {
  /** When it began to fire, since it ended last: the earliest first. More than one where sources disagree. */
  starts: readonly string[];
  /** The latest end that was told. */
  endedAt?: string | undefined;
  /** What was told last, by the source's own clock. */
  last?: Omit<ToldAlert, 'status' | 'startedAt' | 'endedAt'> & { at: string };
  /** The source says that somebody has it, of the firing that began then. */
  acknowledgedAt?: string | undefined;
  /** The latest of what was told, in order: whether it flaps comes from them. */
  states?: readonly ToldState[];
  /** When it was taken to have ended since nothing was heard of it, by our clock: that it fires undoes it. */
  lapsedAt?: string | undefined;
  /** When it was told to fire after that. */
  resumedAt?: string | undefined;
  /** The latest end, if that lay ahead of our clock: of which beginning it was, and when it was received. */
  aheadEnd?: { at: string; startedAt: string; seenAt: string } | undefined;
}

export const untold: FoldedAlert = { starts: [] };

const mostStarts = 16;
/** As many as the windows of Nagios and of Icinga hold. */
const mostStates = 21;

/**
 * Adds one fact. The greatest end and all starts behind it are kept, the latest states, and the words of the latest fact, so any order of the same facts
 * comes to the same (a join of semilattices): what is older than an end never opens it again, and a start that moves to
 * an earlier time is the same firing.
 */
export const fold = (alert: FoldedAlert, told: ToldAlert): FoldedAlert => {
  if (told.status === 'acknowledged') return { ...alert, acknowledgedAt: later(alert.acknowledgedAt, told.startedAt) };
  const endedAt = told.status === 'resolved' ? later(alert.endedAt, told.endedAt ?? told.startedAt) : alert.endedAt;
  const begun = told.status === 'firing' ? [...alert.starts, told.startedAt] : alert.starts;
  const starts = [...new Set(begun)].filter((start) => endedAt === undefined || start > endedAt).toSorted();
  const { lapsedAt, ...before } = alert;
  return {
    ...before,
    // Once its end was told, that counts.
    ...(lapsedAt === undefined || starts.length === 0 ? {} : { lapsedAt }),
    starts:
      starts.length > mostStarts ? [...starts.slice(0, mostStarts / 2), ...starts.slice(-mostStarts / 2)] : starts,
    ...(endedAt === undefined ? {} : { endedAt }),
    states: withStates(alert.states ?? [], told),
    last: latest(alert.last, told),
  };
};

export const isFiring = ({ starts, lapsedAt }: FoldedAlert): boolean => starts.length > 0 && lapsedAt === undefined;

/** When it began to fire, by the clock of its source; undefined when it does not. */
export const firingSince = (alert: FoldedAlert): string | undefined =>
  isFiring(alert) ? later(alert.resumedAt, alert.starts[0]!) : undefined;

/** Nothing was heard of it for as long as its source was given. That is no end which was told, so it takes no part in their order. */
export const lapse = (alert: FoldedAlert, at: string): FoldedAlert => ({
  ...alert,
  lapsedAt: at,
  states: withNews(alert.states ?? [], [[Date.parse(at), false]]),
});

/** It is told to fire, with this beginning: whatever was taken for its end was none. */
export const resume = (
  { lapsedAt, ...alert }: FoldedAlert,
  { startedAt, at }: { startedAt: string; at: string },
): FoldedAlert => {
  if (lapsedAt === undefined) return alert;
  // A later beginning is a state of its own.
  const states = startedAt > lapsedAt ? alert.states : withNews(alert.states ?? [], [[Date.parse(at), true]]);
  return { ...alert, resumedAt: at, ...(states && { states }) };
};

const withStates = (before: readonly ToldState[], { status, startedAt, endedAt }: ToldAlert): readonly ToldState[] => {
  const [from, until] = [Date.parse(startedAt), Date.parse(endedAt ?? startedAt)];
  return withNews(before, [
    ...(status === 'firing' || from < until ? [[from, true] as const] : []),
    ...(status === 'resolved' ? [[until, false] as const] : []),
  ]);
};

/** The greatest of a set, whatever came first; a start and an end at one instant are in this order. */
const withNews = (before: readonly ToldState[], told: readonly ToldState[]): readonly ToldState[] => {
  const news = told.filter(([at, is]) => !before.some((known) => known[0] === at && known[1] === is));
  if (news.length === 0) return before;
  return [...before, ...news]
    .toSorted((one, other) => one[0] - other[0] || Number(other[1]) - Number(one[1]))
    .slice(-mostStates);
};

const later = (a: string | undefined, b: string): string => (a === undefined || b > a ? b : a);

/** Whether nothing newer, or else, was told than this. */
export const isLast = ({ last }: FoldedAlert, told: ToldAlert): boolean => {
  const words = wordsOf(told);
  return (
    told.status !== 'acknowledged' &&
    last?.at === words.at &&
    last.severity === words.severity &&
    inOrder(last) === inOrder(words)
  );
};

type Words = NonNullable<FoldedAlert['last']>;

/** By the clock of the source; of two at one instant the worse, then the greater words, so that the order in which they come does not matter. */
const latest = (before: FoldedAlert['last'], told: ToldAlert): Words => {
  const next = wordsOf(told);
  if (!before || next.at > before.at) return next;
  if (next.at < before.at) return before;
  const worse = worst.indexOf(next.severity) - worst.indexOf(before.severity);
  if (worse !== 0) return worse < 0 ? next : before;
  return inOrder(next) > inOrder(before) ? next : before;
};

const worst: readonly AlertSeverity[] = ['critical', 'error', 'warning', 'info'];

const wordsOf = ({ status, startedAt, endedAt, ...words }: ToldAlert): Words => ({
  at: status === 'resolved' ? (endedAt ?? startedAt) : startedAt,
  ...words,
});

/** As text, with labels and annotations in one order: a database keeps them in another than they were told. */
const inOrder = ({ title, labels, annotations, link }: Words): string =>
  JSON.stringify([title, sorted(labels), sorted(annotations), link ?? '']);

const sorted = (texts: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(texts).toSorted(([one], [other]) => (one < other ? -1 : 1));
