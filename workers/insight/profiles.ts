import type { Logger } from 'pino';
import { isProfiled, profileOf } from '../../domain/insight/building.ts';
import { partFor } from '../../domain/insight/cluster.rules.ts';
import { masksOf } from '../../domain/insight/masks.ts';
import { createMiner, type Miner, type Template, usualMining } from '../../domain/insight/template.rules.ts';
import { termsOf } from '../../domain/insight/term.rules.ts';
import { problemPolicyOf } from '../../domain/problem/policy.ts';
import type { ProblemPolicySpec } from '../../domain/problem-policy.ts';
import { visibilityOf } from '../../domain/privacy.rules.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { Database } from '../../storage/database.ts';
import {
  profileAlone,
  templateIds,
  templatesOf,
  type Unprofiled,
  unprofiledIncidents,
} from '../../storage/insight/facts.ts';
import {
  differencesOf,
  keepProfiles,
  type KeptProfile,
  keepTemplates,
  noteProfiled,
  partsOf,
} from '../../storage/insight/profile.ts';
import type { InboxStore } from '../../storage/inbox.ts';
import { type Loop, startLoop } from '../loop.ts';
import { identifyProblems, type Looked } from './identify.ts';

export interface ProfilePorts {
  db: Database;
  catalogue: CatalogueStorage;
  inbox: Pick<InboxStore, 'acceptWithin'>;
}

const idleMs = 1_000;
const atOnce = 100;

/** Looks at incidents that were saved, so that others like them are found, and what makes problems of them. Only one replica does at a time. */
export const startProfiler = (ports: ProfilePorts, log: Logger): Loop =>
  startLoop('profiles', idleMs, log, () => profileIncidents(ports, log));

/** Looks at some of those that wait; says how many. */
export const profileIncidents = ({ db, catalogue, inbox }: ProfilePorts, log: Logger): Promise<number> =>
  profileAlone(db, 0, async (tx) => {
    const { found, unreadable } = await unprofiledIncidents(tx, atOnce);
    for (const { number } of unreadable)
      log.warn({ incident: number }, 'an incident cannot be read: it has no profile');
    const policies = await policiesOf(catalogue, found);
    const kept = await profilesOf(tx, policies, found);
    await keepProfiles(tx, kept);
    await identifyProblems(tx, inbox, lookedAt(found, kept, policies));
    await noteProfiled(tx, [...found, ...unreadable]);
    return found.length + unreadable.length;
  });

type Policies = ReadonlyMap<string, ProblemPolicySpec>;

/** By team. */
const policiesOf = async (catalogue: CatalogueStorage, found: readonly Unprofiled[]): Promise<Policies> => {
  const revision = await catalogue.revision();
  const teams = [...new Set(found.map(({ commission }) => commission.team))];
  return new Map(
    await Promise.all(teams.map(async (team) => [team, await problemPolicyOf(catalogue, team, revision)] as const)),
  );
};

const lookedAt = (found: readonly Unprofiled[], kept: readonly KeptProfile[], policies: Policies): Looked[] =>
  found.flatMap((facts, at) => {
    const profile = kept[at]?.after;
    return profile ? [{ facts, profile, policy: policies.get(facts.commission.team)! }] : [];
  });

const profilesOf = async (tx: Database, policies: Policies, found: readonly Unprofiled[]): Promise<KeptProfile[]> => {
  const { minerOf, met } = await minersFor(tx, found);
  const built: KeptProfile[] = [];
  for (const facts of found) {
    const masks = masksOf(policies.get(facts.commission.team)!);
    const after = isProfiled(facts) ? profileOf(facts, masks, minerOf(scopeOf(facts))) : undefined;
    built.push({ before: facts.before, after, base: after?.cluster ?? '' });
  }
  await keepTemplates(tx, met);
  return inParts(tx, built);
};

/** Nobody learns from others what a private incident is called. */
const scopeOf = ({ commission }: Unprofiled): string => visibilityOf(incidentReference(commission.number), commission);

const minersFor = async (tx: Database, found: readonly Unprofiled[]) => {
  const scopes = [...new Set(found.map(scopeOf))];
  const known = await templatesOf(tx, scopes, usualMining.mostTemplates);
  const titles = found.reduce((sum, { alerts }) => sum + alerts.length + 1, 0);
  const ids = await templateIds(tx, titles);
  const met: (Template & { scope: string })[] = [];
  const miners = new Map(
    scopes.map((scope): [string, Miner] => {
      const miner = createMiner(known.get(scope) ?? [], () => ids.shift()!);
      const learn: Miner['learn'] = (tokens) => {
        const template = miner.learn(tokens);
        met.push({ ...template, scope });
        return template;
      };
      return [scope, { learn }];
    }),
  );
  return { met, minerOf: (scope: string): Miner => miners.get(scope)! };
};

/** Puts each into the part of its cluster that it belongs to, by what people have said. */
const inParts = async (tx: Database, built: readonly KeptProfile[]): Promise<KeptProfile[]> => {
  const profiles = built.flatMap(({ after }) => after ?? []);
  const differences = await differencesOf(
    tx,
    profiles.map(({ number }) => number),
  );
  const parts = await partsOf(
    tx,
    profiles.map(({ cluster }) => cluster),
    profiles.flatMap(({ number, cluster }) => (differences.has(number) ? [cluster] : [])),
  );
  return built.map((kept) => {
    const { after, base } = kept;
    if (!after || !parts.has(base)) return kept;
    const known = parts.get(base)!;
    const { number } = after;
    const own = known.find(({ incidents }) => incidents.includes(number));
    const differs = differences.get(number) ?? new Set();
    // It stays where it is while nobody objects.
    const cluster =
      own && !own.incidents.some((other) => differs.has(other))
        ? own.cluster
        : partFor({ base, number, terms: termsOf(after) }, known, differs);
    return { ...kept, after: { ...after, cluster } };
  });
};
