import type { Alert } from '../alert.ts';
import { type CorrelationRuleSpec, usualCorrelation } from '../correlation-rule.ts';
import { sha256 } from '../digest.ts';
import { milliseconds } from '../duration.ts';
import { DomainError } from '../errors.ts';
import { evaluateRule } from '../rule.ts';
import { isHeartbeatSource } from './heartbeat.ts';
import { isObjectiveSource } from './objective.ts';
import { isSupplierSource } from './supplier.ts';
import type { SeenAlert } from '../rule/scope.ts';

/** A rule by its name; without one, what is usual. */
export interface NamedRule {
  name?: string;
  spec: typeof usualCorrelation & Partial<Pick<CorrelationRuleSpec, 'match' | 'team'>>;
}

/** What alerts have in common that one incident is about. */
export interface Correlation {
  key: string;
  rule: NamedRule;
}

/** Key of an incident that alerts were split off to; it has one slash, which no other key of a team has. */
export const splitKeyOf = (number: number): string => `split/${number}`;

export const isSplitKey = (key: string | null): key is string => key !== null && /^split\/\d+$/.test(key);

/**
 * The first rule of the alert's team that matches, by name. One that has no answer for this alert does not match. An alert that
 * was split off keeps its key for as long as the incident takes it (`apart`).
 */
export const correlationOf = (
  alert: Alert,
  rules: readonly NamedRule[],
  apart: ReadonlySet<string> = new Set(),
): Correlation => {
  const seen = seenAlert(alert);
  const rule = rules.find(
    ({ spec }) => spec.team === alert.team && spec.match !== undefined && holds(spec.match, seen),
  ) ?? {
    spec: usualCorrelation,
  };
  const own = alert.correlationKey;
  return { key: own !== null && apart.has(own) ? own : keyOf(alert, rule), rule };
};

/** What belongs nowhere is one incident for each source: a mapping that is wrong concerns all that it sends. */
const keyOf = (alert: Alert, { name = '', spec }: NamedRule): string => {
  if (alert.gap !== null) return `source/${alert.team}/${alert.source}`;
  const parts = spec.groupBy.map((part) =>
    typeof part === 'string' ? [part, alert[part]] : [part.label, alert.state.last?.labels[part.label] ?? ''],
  );
  // Labels may be of any length.
  return `${alert.team}/${name}/${sha256(JSON.stringify(parts)).slice(0, 32)}`;
};

/** The alert as it ends for want of news by its rule, whatever its source says. */
export const withTimeout = (alert: Alert, rules: readonly NamedRule[]): Alert => {
  const isAsked = rules.some(({ spec }) => spec.team === alert.team && spec.inactivityTimeout !== undefined);
  // That a heartbeat is silent, a budget burns, or a supplier is down is told once, and stands until it is over.
  const standsUntilOver = [isHeartbeatSource, isObjectiveSource, isSupplierSource].some((is) => is(alert.source));
  if (!alert.isFiring || !isAsked || standsUntilOver) return alert;
  const { inactivityTimeout } = correlationOf(alert, rules).rule.spec;
  if (inactivityTimeout === undefined) return alert;
  const quietMs = milliseconds(inactivityTimeout);
  return { ...alert, quietMs, resolvesAt: new Date(Date.parse(alert.lastSeenAt) + quietMs).toISOString() };
};

/** One that has no answer does not hold. */
export const holds = (rule: string, alert: SeenAlert['alert']): boolean => {
  try {
    return evaluateRule(rule, { alert });
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
};

/** What a rule sees of an alert. */
export const seenAlert = ({ title, severity, service, environment, source, state }: Alert): SeenAlert['alert'] => ({
  title,
  severity,
  service: service ?? '',
  environment: environment ?? '',
  source,
  labels: { ...state.last?.labels },
  annotations: { ...state.last?.annotations },
});

/** Fires, and is bad enough to be handled; nobody has shelved it. */
export const isException = ({ isFiring, class: rank, shelvedUntil }: Alert, at: string): boolean =>
  isFiring && rank === 'exception' && (shelvedUntil === null || shelvedUntil <= at);

/** Whether it has to be looked for the incident that takes it: not because it begins or ceases to flap. */
export const hasTurned = (before: Alert | undefined, alert: Alert): boolean =>
  before === undefined ||
  before.isFiring !== alert.isFiring ||
  before.severity !== alert.severity ||
  before.shelvedUntil !== alert.shelvedUntil ||
  before.heldBy !== alert.heldBy ||
  before.state.acknowledgedAt !== alert.state.acknowledgedAt;

/** Whether an incident has to hear of what became of its alert. */
export const isNews = (before: Alert | undefined, alert: Alert): boolean =>
  hasTurned(before, alert) || (before?.flapsUntil === null) !== (alert.flapsUntil === null);
