import type { Incident, IncidentCommission } from '../incident.ts';
import { clusterOf } from './cluster.rules.ts';
import { type Mask, masked, wordsOf } from './mask.rules.ts';
import type { IncidentProfile } from './profile.ts';
import { type Miner, tokensOf } from './template.rules.ts';

/** What an incident is profiled from. */
export interface ProfiledFacts {
  commission: IncidentCommission;
  /** Null before its workflow has saved it. */
  record: Incident | null;
  alerts: readonly { fingerprint: string; title: string; labels: Readonly<Record<string, string>> }[];
  /** What it was known by before: alerts that went on to another incident have been of this one. */
  before: IncidentProfile | undefined;
}

/** Of which nothing is learnt: a drill, and what was none. */
export const isProfiled = ({ commission: { kind }, record }: Pick<ProfiledFacts, 'commission' | 'record'>): boolean =>
  kind !== 'drill' && record?.status !== 'cancelled';

const most = { titles: 200, words: 2_000, alerts: 500, objectives: 50, causes: 200 };
const longestCause = 300;
/** Labels that name what an alert measures. */
const objectiveLabels = ['slo', 'sli', 'objective', 'openslo_objective', 'sloth_slo'];

/** The titles of an incident and its alerts, each once, without what differs each time. */
const titlesOf = ({ commission, record, alerts }: ProfiledFacts, masks: readonly Mask[]): string[] => {
  const titles = [record?.title ?? commission.title, ...alerts.map(({ title }) => title)];
  return [...new Set(titles.map((title) => masked(title, masks)))].slice(0, most.titles);
};

/** What an incident is known by, without its cluster where that was parted. */
export const profileOf = (facts: ProfiledFacts, masks: readonly Mask[], miner: Miner): IncidentProfile => {
  const { commission, record, alerts, before } = facts;
  const { number, team, detectedAt, privateTo } = { ...commission, ...record };
  const { service, environment } = record ?? commission;
  const titles = titlesOf(facts, masks);
  const mined = titles.map((title) => {
    const { id, tokens } = miner.learn(tokensOf(title));
    return { id, text: tokens.join(' ') };
  });
  const templates = distinct([...mined, ...(before?.templates ?? [])], ({ id }) => id).slice(0, most.titles);
  const place = {
    number,
    team,
    isPrivate: privateTo !== undefined,
    ...(service === undefined ? {} : { service }),
    templates,
  };
  return {
    ...place,
    at: detectedAt,
    ...(environment === undefined ? {} : { environment }),
    words: wordsIn(titles),
    alerts: distinct([...(before?.alerts ?? []), ...alerts.map(({ fingerprint }) => fingerprint)]).slice(
      0,
      most.alerts,
    ),
    objectives: distinct(objectivesOf(alerts)).slice(0, most.objectives),
    causes: causesOf(record),
    cluster: clusterOf(place, commission.plan !== undefined),
  };
};

/** The words of titles, before anything was mined of them. */
export const wordsIn = (titles: readonly string[]): string[] => titles.flatMap(wordsOf).slice(0, most.words);

export const objectivesOf = (alerts: ProfiledFacts['alerts']): string[] =>
  alerts.flatMap(({ labels }) => objectiveLabels.flatMap((label) => labels[label] ?? []));

/** What it seems to come from, in words that are the same where the cause is. */
const causesOf = (record: Incident | null): string[] => {
  if (!record) return [];
  const { resolution, review, runbooks } = record;
  const restored = runbooks.filter(({ status }) => status === 'restored').map(({ runbook }) => `runbook: ${runbook}`);
  const solved =
    resolution && (resolution.code === 'fixed' || resolution.code === 'workaround')
      ? [`solution: ${alike(resolution.solution)}`]
      : [];
  const factors = (review?.document.factors ?? []).map((factor) => `factor: ${alike(factor)}`);
  return distinct([...factors, ...restored, ...solved].map((cause) => cause.slice(0, longestCause))).slice(
    0,
    most.causes,
  );
};

const alike = (text: string): string => wordsOf(masked(text)).join(' ');

const distinct = <Value>(values: readonly Value[], keyOf: (value: Value) => unknown = (value) => value): Value[] =>
  [...new Map(values.toReversed().map((value) => [keyOf(value), value])).values()].toReversed();
