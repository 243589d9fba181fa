import { milliseconds } from '../duration.ts';
import { feltMinutes, leavingOut } from '../metric/evidence.ts';
import type { Pattern } from '../pattern.ts';
import { aboutCluster, type Findings, mostIncidents, type PatternEvidence, periodText } from './evidence.ts';

/** The alerts of each team that change their state most. */
export const flapping = ({ alerts, period, profiles, policyOf }: PatternEvidence): Findings => {
  const counted = alerts.map((alert) => ({
    ...alert,
    count: alert.changes.filter((at) => period.from <= at && at < period.until).length,
  }));
  const patterns = [...Map.groupBy(counted, ({ team }) => team)].flatMap(([team, some]) => {
    const { top, changes } = policyOf(team).flapping;
    return some
      .filter(({ count }) => count >= changes)
      .toSorted((a, b) => b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : 1))
      .slice(0, top)
      .map(({ fingerprint, title, service, count }): Pattern => ({
        pattern: `alert/${fingerprint}`,
        rule: 'flapping',
        title: `Alert flaps: ${title}`.slice(0, 300),
        team,
        ...(service === undefined ? {} : { service }),
        window: periodText(period),
        incidents: profiles
          .filter(({ at, alerts: own }) => Date.parse(at) >= period.from && own.includes(fingerprint))
          .map(({ number }) => number)
          .slice(-mostIncidents),
        count,
        why: `it changed at least ${count} times, among the ${top} of its team that change most`,
      }));
  });
  return { patterns, inconclusive: [] };
};

/** Fewer kinds have no few that matter. */
const fewestKinds = 3;

/** The few clusters of each team that make up most of what users felt, as users times minutes. What is not known is not none: it is said. */
export const userMinutes = ({ profiles, observations, period, problems, policyOf }: PatternEvidence): Findings => {
  const felt = profiles.flatMap((profile) => {
    const seen = observations.get(profile.number);
    if (!seen || leavingOut(seen) !== undefined) return [];
    const { affectedUsers } = seen;
    const amount = affectedUsers === undefined ? undefined : affectedUsers * feltMinutes(seen, period.until);
    return [{ profile, amount }];
  });
  const found = [...Map.groupBy(felt, ({ profile }) => profile.team)].map(([team, some]): Findings => {
    const { share, atMost } = policyOf(team).userMinutes;
    const missing = some.filter(({ amount }) => amount === undefined).length;
    const kinds = [...Map.groupBy(some, ({ profile }) => profile.cluster).values()]
      .map((members) => ({ members, amount: members.reduce((sum, { amount = 0 }) => sum + amount, 0) }))
      .filter(({ amount }) => amount > 0)
      .toSorted((a, b) => b.amount - a.amount || b.members.length - a.members.length);
    const total = kinds.reduce((sum, { amount }) => sum + amount, 0);
    if (kinds.length < fewestKinds) {
      const why = `team ${team}: it is known of ${kinds.length} kinds of incidents alone how many users felt them`;
      return { patterns: [], inconclusive: [{ rule: 'user-minutes', why }] };
    }
    let sum = 0;
    const few = kinds.filter(({ amount }) => {
      const isNeeded = sum < share * total;
      sum += amount;
      return isNeeded;
    });
    if (few.length > atMost * kinds.length) return { patterns: [], inconclusive: [] };
    return {
      inconclusive: [],
      patterns: few.map(({ members, amount }): Pattern => {
        const about = aboutCluster(members.map(({ profile }) => profile));
        const problem = problems.get(about.pattern);
        return {
          ...about,
          rule: 'user-minutes',
          window: periodText(period),
          incidents: members.map(({ profile }) => profile.number).slice(-mostIncidents),
          count: amount,
          why:
            `${Math.round(amount)} of ${Math.round(total)} user-minutes, one of ${few.length} of ${kinds.length} kinds that make up ${Math.round(share * 100)} %` +
            (missing === 0 ? '' : `; not known of ${missing} incidents`),
          ...(problem === undefined ? {} : { problem }),
        };
      }),
    };
  });
  return {
    patterns: found.flatMap(({ patterns }) => patterns),
    inconclusive: found.flatMap(({ inconclusive }) => inconclusive),
  };
};

/** Services of which several changes failed without an incident: it went well by luck, or by a rollback in time. */
export const nearMisses = ({ plans, plansOfIncidents, period, policyOf }: PatternEvidence): Findings => {
  const missed = plans.filter(
    ({ id, status }) => (status === 'failed' || status === 'undone') && !plansOfIncidents.has(id),
  );
  const patterns = [...Map.groupBy(missed, ({ service }) => service)].flatMap(([service, some]): Pattern[] => {
    const { team } = some.at(-1)!;
    const { plans: least, within } = policyOf(team).nearMisses;
    const until = Math.min(period.until, Math.max(...some.map(({ openedAt }) => openedAt)) + 1);
    const from = Math.max(period.from, until - milliseconds(within));
    const inSpan = some.filter(({ openedAt }) => openedAt >= from && openedAt < until);
    if (inSpan.length < least) return [];
    return [
      {
        pattern: `service/${service}/near-miss`,
        rule: 'near-miss',
        title: `Changes of ${service} fail before users feel it`,
        team,
        service,
        window: periodText({ from, until }),
        incidents: [],
        count: inSpan.length,
        why: `${inSpan.length} changes failed or were undone within ${within}, and no incident was opened for them: ${inSpan
          .slice(0, 10)
          .map(({ id }) => id)
          .join(', ')}`.slice(0, 1_000),
      },
    ];
  });
  return { patterns, inconclusive: [] };
};
