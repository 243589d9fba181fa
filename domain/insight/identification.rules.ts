import type { IncidentCommission, IncidentFacts } from '../incident.ts';
import type { ProblemPolicySpec } from '../problem-policy.ts';
import type { ProblemFinding } from './finding.ts';
import type { IncidentProfile } from './profile.ts';

/** An incident that the rules look at, with what is known of it by now. */
export interface Identified {
  commission: Pick<IncidentCommission, 'plan' | 'privateTo' | 'title'>;
  record: Pick<IncidentFacts, 'status' | 'severity' | 'resolution' | 'title'>;
  profile: IncidentProfile;
}

/** An incident and when it was detected. */
export interface Occurred {
  number: number;
  at: string;
}

/** What came before and after it: in its cluster, and of what it seems to come from. */
export interface Neighbours {
  cluster: readonly Occurred[];
  causes: ReadonlyMap<string, readonly Occurred[]>;
}

/** Spans in milliseconds. */
export interface Spans {
  recurrenceMs: number;
  sameCauseMs: number;
}

const restored: readonly IncidentFacts['status'][] = ['monitoring', 'resolved', 'review', 'closed'];
const settled: readonly IncidentFacts['status'][] = ['resolved', 'review', 'closed'];

type Found = Pick<ProblemFinding, 'rule' | 'identification' | 'incidents' | 'why'> & { pattern?: string };

/** What makes a problem of an incident: how bad it was, how it ended, what it came of, and how often the same has come. */
export const findingsOf = (
  incident: Identified,
  neighbours: Neighbours,
  policy: ProblemPolicySpec,
  spans: Spans,
): ProblemFinding[] => {
  const { commission, record, profile } = incident;
  const { number, team, service, cluster, isPrivate, templates } = profile;
  const found = [...reactive(incident, policy), ...(isPrivate ? [] : recurring(profile, neighbours, policy, spans))];
  return found
    .filter(({ rule }) => policy.rules.includes(rule))
    .map(({ pattern = cluster, ...each }) => ({
      ...each,
      pattern,
      title: (each.incidents.length === 1 ? record.title : (templates[0]?.text ?? record.title)).slice(0, 300),
      team,
      ...(service === undefined ? {} : { service }),
      ...(commission.privateTo === undefined ? {} : { privateTo: commission.privateTo }),
      incidents: each.incidents.length === 0 ? [number] : each.incidents,
    }));
};

/** Service is back, or it was said to be solved: until then it is an incident alone. */
const reactive = (
  { commission: { plan }, record: { status, severity, resolution }, profile: { number } }: Identified,
  { severities }: ProblemPolicySpec,
): Found[] => {
  const isRestored = restored.includes(status);
  const of = { identification: 'reactive' as const, incidents: [number] };
  return [
    ...(isRestored && severities.includes(severity)
      ? [{ ...of, rule: 'severity' as const, why: `incident ${number} was ${severity}` }]
      : []),
    ...(settled.includes(status) && resolution?.code === 'workaround'
      ? [{ ...of, rule: 'workaround' as const, why: `incident ${number} was resolved by a workaround alone` }]
      : []),
    ...(isRestored && plan !== undefined
      ? [{ ...of, rule: 'change' as const, why: `incident ${number} came of a change: plan ${plan}` }]
      : []),
  ];
};

const recurring = (
  { number, at, causes }: IncidentProfile,
  neighbours: Neighbours,
  { recurrence, sameCause }: ProblemPolicySpec,
  { recurrenceMs, sameCauseMs }: Spans,
): Found[] => {
  const own = { number, at };
  const similar = crowded(own, neighbours.cluster, recurrenceMs, recurrence.incidents);
  const alike = causes.flatMap((cause) => {
    const some = crowded(own, neighbours.causes.get(cause) ?? [], sameCauseMs, sameCause.incidents);
    return some ? [{ cause, some }] : [];
  })[0];
  return [
    ...(similar
      ? [
          {
            rule: 'recurrence' as const,
            identification: 'recurrence' as const,
            incidents: similar,
            why: `${similar.length} similar incidents within ${recurrence.within}`,
          },
        ]
      : []),
    ...(alike
      ? [
          {
            rule: 'same-cause' as const,
            identification: 'recurrence' as const,
            incidents: alike.some,
            why: `${alike.some.length} incidents within ${sameCause.within} that seem to come from the same (${alike.cause})`,
          },
        ]
      : []),
  ];
};

/** Incidents of a span that this one lies in, if there is one with so many: the latest such span. Both its ends belong to it. */
export const crowded = (
  own: Occurred,
  others: readonly Occurred[],
  spanMs: number,
  least: number,
): number[] | undefined => {
  const all = [...others.filter(({ number }) => number !== own.number), own]
    .map(({ number, at }) => ({ number, at: Date.parse(at) }))
    .toSorted((a, b) => a.at - b.at || a.number - b.number);
  const at = Date.parse(own.at);
  const ends = all.filter((end) => end.at >= at && end.at - spanMs <= at).toReversed();
  for (const { at: end } of ends) {
    const some = all.filter((each) => each.at <= end && each.at >= end - spanMs);
    if (some.length >= least) return some.map(({ number }) => number).slice(-mostShown);
  }
  return undefined;
};

const mostShown = 200;
