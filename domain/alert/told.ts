import type { Alert, AlertFact } from '../alert.ts';
import { milliseconds } from '../duration.ts';
import type { SourceSpec } from '../source.ts';
import { type FoldedAlert, firingSince, fold, isFiring, isLast, lapse, resume, untold } from './fold.rules.ts';
import { flapsUntil } from './flapping.ts';
import { classOf, type MappedAlert } from './mapping.ts';

/** A fact with who told it and when, by our clock. */
export interface Telling {
  source: Pick<SourceSpec, 'alerts' | 'team'> & { name: string };
  fact: AlertFact;
  seenAt: string;
}

/** Whether the catalogue has the place that an alert names, for the team of its source; undefined when it does. */
export type FindGap = (
  place: { service?: string | undefined; environment?: string | undefined },
  source: Telling['source'],
) => string | undefined;

/** The alert that a telling is about, and how it stands with it. `mapped` is what the source's mapping makes of its fact. */
export function told(before: Alert | undefined, telling: Telling, mapped: MappedAlert, gapOf: FindGap): Alert {
  const { source, fact, seenAt } = telling;
  const { status, title, labels, annotations, link } = fact;
  const heard = before?.state ?? untold;
  const { startedAt, endedAt, aheadEnd } = timesOf(telling, heard);
  const words = { title, severity: mapped.severity, labels, annotations, link };
  const resumed = status === 'firing' ? resume(heard, { startedAt, at: seenAt }) : heard;
  const state = fold(aheadEnd ? { ...resumed, aheadEnd } : resumed, { status, startedAt, endedAt, ...words });
  const firing = isFiring(state);
  const last = state.last ?? words;
  // What is older does not move it, whatever place it names; what says the same again does, since the catalogue may have changed.
  const isNewest = !before || isLast(state, { status, startedAt, endedAt, ...words });
  const place = isNewest ? { team: source.team, ...placeOf(mapped, source, gapOf) } : before;
  const known = before ?? fresh(telling, mapped);
  const isChanged = known.isFiring !== firing || known.severity !== last.severity || known.gap !== place.gap;
  const { resolveAfter } = source.alerts;
  const quietMs = resolveAfter === undefined ? null : milliseconds(resolveAfter);
  return {
    ...known,
    ...place,
    title: last.title,
    severity: last.severity,
    class: classOf(last.severity, firing),
    isFiring: firing,
    state,
    count: known.count + 1,
    lastSeenAt: known.lastSeenAt > seenAt ? known.lastSeenAt : seenAt,
    changedAt: isChanged ? seenAt : known.changedAt,
    quietMs,
    resolvesAt: firing && quietMs !== null ? new Date(Date.parse(seenAt) + quietMs).toISOString() : null,
    expiresAt: firing ? (fact.expiresAt ?? null) : null,
    flapsUntil: flapsUntilAfter(state, telling),
  };
}

/** How far the clock of a sender may be ahead of ours, and still say what came first. */
const mostAheadMs = 5 * 60_000;

/**
 * When it began and ended by the clock of its sender, so that an end also counts which overtakes its beginning. By a clock that is
 * further ahead, the alert would fire, or be over, until then: ours counts. So it does where the sender says no time, for which all that it
 * has told is past.
 */
const timesOf = (
  { fact, seenAt }: Pick<Telling, 'fact' | 'seenAt'>,
  heard: FoldedAlert,
): { startedAt: string; endedAt?: string; aheadEnd?: FoldedAlert['aheadEnd'] } => {
  const { starts, endedAt: lastEnd } = heard;
  const said = believed(fact.startedAt, seenAt);
  const startedAt = isAfterAheadEnd(said, heard) ? behind(heard.aheadEnd!.at) : said;
  if (fact.status === 'resolved') {
    const end = believed(fact.endedAt ?? fact.startedAt, seenAt);
    const endedAt = [startedAt, end, ...(end === seenAt ? starts : [])].toSorted(inTime).at(-1)!;
    const isAhead = endedAt > seenAt && (lastEnd === undefined || endedAt > lastEnd);
    return { startedAt, endedAt, ...(isAhead ? { aheadEnd: { at: endedAt, startedAt: said, seenAt } } : {}) };
  }
  const isBehind = startedAt === seenAt && lastEnd !== undefined && lastEnd > seenAt;
  return { startedAt: isBehind ? behind(lastEnd) : startedAt };
};

/**
 * A clock that was put right tells beginnings that lie before the end it told while it was ahead. One that lies behind the receipt of that
 * end, and is not the beginning that had ended, is new.
 */
const isAfterAheadEnd = (startedAt: string, { aheadEnd, endedAt }: FoldedAlert): boolean =>
  aheadEnd !== undefined &&
  aheadEnd.at === endedAt &&
  startedAt <= endedAt &&
  startedAt > aheadEnd.seenAt &&
  startedAt !== aheadEnd.startedAt;

const behind = (instant: string): string => new Date(Date.parse(instant) + 1).toISOString();

const inTime = (a: string, b: string): number => (a < b ? -1 : 1);

const believed = (instant: string, seenAt: string): string =>
  Date.parse(instant) > Date.parse(seenAt) + mostAheadMs ? seenAt : instant;

const earlier = (a: string, b: string): string => (a < b ? a : b);

/** In the source's time, which may run ahead of ours. */
const flapsUntilAfter = (
  { states = [] }: FoldedAlert,
  { source: { alerts }, seenAt }: Pick<Telling, 'source' | 'seenAt'>,
): string | null => {
  const until = flapsUntil(states, alerts.flapping);
  const now = Date.parse(seenAt);
  if (until === undefined || until <= now) return null;
  return new Date(Math.min(until, now + milliseconds(alerts.flapping.quietFor))).toISOString();
};

const placeOf = (
  { service, environment }: { service?: string; environment?: string },
  source: Telling['source'],
  gapOf: FindGap,
): Pick<Alert, 'service' | 'environment' | 'gap'> => {
  const gap = gapOf({ service, environment }, source) ?? null;
  return gap === null
    ? { service: service ?? null, environment: environment ?? null, gap }
    : { service: null, environment: null, gap };
};

const fresh = ({ source: { name, team }, seenAt }: Telling, { fingerprint }: MappedAlert): Alert => ({
  fingerprint,
  source: name,
  team,
  service: null,
  environment: null,
  title: '',
  severity: 'info',
  class: 'informational',
  isFiring: false,
  gap: null,
  incident: null,
  heldBy: null,
  correlationKey: null,
  state: untold,
  count: 0,
  firstSeenAt: seenAt,
  lastSeenAt: seenAt,
  changedAt: seenAt,
  resolvesAt: null,
  expiresAt: null,
  quietMs: null,
  flapsUntil: null,
  shelvedUntil: null,
  shelving: null,
});

/** Nothing was heard of it for as long as its source was given: it has ended, until it is told again. */
export const ended = (alert: Alert, at: string): Alert => {
  const state = lapse(alert.state, at);
  return {
    ...alert,
    state,
    isFiring: false,
    class: classOf(alert.severity, false),
    changedAt: at,
    resolvesAt: null,
    expiresAt: null,
  };
};

/** Since when it fires, for people: by no clock that is ahead of ours. */
export const firesSince = ({ state, lastSeenAt }: Pick<Alert, 'state' | 'lastSeenAt'>): string | undefined => {
  const since = firingSince(state);
  return since && earlier(since, lastSeenAt);
};

/** When it ended last, in the same way; by want of news as well. */
export const endsAt = ({ state, lastSeenAt }: Pick<Alert, 'state' | 'lastSeenAt'>): string | undefined =>
  state.lapsedAt ?? (state.endedAt && earlier(state.endedAt, lastSeenAt));
