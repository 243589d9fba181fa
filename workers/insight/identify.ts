import { milliseconds } from '../../domain/duration.ts';
import { linkArrival, findingArrival } from '../../domain/problem/feeding.ts';
import { findingsOf } from '../../domain/insight/identification.rules.ts';
import type { IncidentProfile } from '../../domain/insight/profile.ts';
import { termOf } from '../../domain/insight/term.rules.ts';
import type { ProblemPolicySpec } from '../../domain/problem-policy.ts';
import type { Database } from '../../storage/database.ts';
import type { Unprofiled } from '../../storage/insight/facts.ts';
import { incidentsOfClusters, incidentsOfTerms, problemsTaking } from '../../storage/insight/neighbour.ts';
import type { InboxStore } from '../../storage/inbox.ts';

/** An incident whose profile is kept. */
export interface Looked {
  facts: Unprofiled;
  profile: IncidentProfile;
  policy: ProblemPolicySpec;
}

/** Tells, in the caller's transaction, what makes a problem of these incidents; what belongs to one that is open is on its way to it. */
export const identifyProblems = async (
  tx: Database,
  inbox: Pick<InboxStore, 'acceptWithin'>,
  looked: readonly Looked[],
): Promise<void> => {
  const shared = looked.filter(({ profile }) => !profile.isPrivate);
  const [clusters, terms, taking] = await Promise.all([
    incidentsOfClusters(
      tx,
      shared.map(({ profile: { cluster, at }, policy }) => ({
        key: cluster,
        at,
        spanMs: spansOf(policy).recurrenceMs,
      })),
    ),
    incidentsOfTerms(
      tx,
      shared.flatMap(({ profile, policy }) =>
        profile.causes.map((cause) => ({
          key: termOf.cause(cause, profile),
          at: profile.at,
          spanMs: spansOf(policy).sameCauseMs,
        })),
      ),
    ),
    problemsTaking(tx, [...new Set(shared.map(({ profile }) => profile.cluster))]),
  ]);
  for (const { facts, profile, policy } of looked) {
    const { commission, record } = facts;
    const { number, cluster, causes, team } = profile;
    const problem = taking.get(cluster);
    if (problem !== undefined)
      await inbox.acceptWithin(tx, linkArrival({ number: problem, team }, number, 'the same again'));
    if (!record) continue;
    const neighbours = {
      cluster: clusters.get(cluster) ?? [],
      causes: new Map(causes.map((cause) => [cause, terms.get(termOf.cause(cause, profile)) ?? []])),
    };
    for (const finding of findingsOf({ commission, record, profile }, neighbours, policy, spansOf(policy)))
      await inbox.acceptWithin(tx, findingArrival(finding, String(number)));
  }
};

const spansOf = ({ recurrence, sameCause }: ProblemPolicySpec) => ({
  recurrenceMs: milliseconds(recurrence.within),
  sameCauseMs: milliseconds(sameCause.within),
});
