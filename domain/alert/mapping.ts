import type { AlertSeverity } from './severity.ts';
import type { AlertFact, ChangeFact, EventClass } from '../alert.ts';
import { sha256 } from '../digest.ts';
import type { AlertMapping, SourceSpec } from '../source.ts';

/** The place of an alert in the catalogue, and how bad it is by what its source was told to mean. */
export interface MappedAlert {
  fingerprint: string;
  severity: AlertSeverity;
  service?: string;
  environment?: string;
}

type Mapped = Pick<SourceSpec, 'alerts' | 'team'> & { name: string };

/** What the source's mapping makes of a fact; names are not looked up yet. */
export const mapAlert = (fact: AlertFact, { name, team, alerts }: Mapped): MappedAlert => {
  const service = fact.service ?? placeIn(fact.labels, alerts.service);
  const environment = fact.environment ?? placeIn(fact.labels, alerts.environment);
  return {
    fingerprint: fingerprintOf(isOfApi(name) ? `${name}\n${team}` : name, fact, alerts.identity),
    severity: severityOf(fact, alerts.severity),
    ...(service === undefined ? {} : { service }),
    ...(environment === undefined ? {} : { environment }),
  };
};

/** What one person or service account tells the API may be about services of several teams; of any other source it is about those of one. */
const isOfApi = (source: string): boolean => source.startsWith('api/');

/** The same condition on the same thing of one source: no time, value or counter belongs to it. 32 hexadecimal digits. */
const fingerprintOf = (source: string, { key, labels }: AlertFact, identity: AlertMapping['identity']): string => {
  const { labels: chosen, without } = identity;
  if (chosen === undefined && without.length === 0) return short(`${source}\n${key}`);
  const names = (chosen ?? Object.keys(labels)).filter((label) => !without.includes(label)).toSorted();
  return short(JSON.stringify([source, ...names.map((label) => [label, labels[label] ?? ''])]));
};

const short = (text: string): string => sha256(text).slice(0, 32);

const severityOf = ({ severity, labels }: AlertFact, mapping: AlertMapping['severity']): AlertSeverity => {
  const said = (labels[mapping.label] ?? severity ?? '').toLowerCase();
  const mapped = Object.entries(mapping.values).find(([word]) => word.toLowerCase() === said)?.[1];
  return mapped ?? (Object.hasOwn(usual, said) ? usual[said]! : mapping.default);
};

/** What senders mean by the words that most of them use. */
const usual: Readonly<Record<string, AlertSeverity>> = {
  critical: 'critical',
  page: 'critical',
  fatal: 'critical',
  error: 'error',
  warning: 'warning',
  warn: 'warning',
  info: 'info',
  none: 'info',
};

const placeIn = (labels: AlertFact['labels'], mapping: AlertMapping['service']): string | undefined =>
  placeOf(labels[mapping.label], mapping);

const placeOf = (
  said: string | undefined,
  { names, default: otherwise }: AlertMapping['service'],
): string | undefined => {
  if (said === undefined) return otherwise;
  return Object.hasOwn(names, said) ? names[said] : said;
};

/** A change in the catalogue's names, as far as the source's mapping has them. */
export const mapChange = (fact: ChangeFact, { alerts }: Pick<SourceSpec, 'alerts'>): ChangeFact => ({
  ...fact,
  service: placeOf(fact.service, alerts.service),
  environment: placeOf(fact.environment, alerts.environment),
});

/** A firing critical alert or error is an exception, a firing warning a warning; all else is informational. */
export const classOf = (severity: AlertSeverity, isFiring: boolean): EventClass => {
  if (!isFiring || severity === 'info') return 'informational';
  return severity === 'warning' ? 'warning' : 'exception';
};
