import type { Foreseen, InboxRow } from '../../domain/inbox.ts';
import type { DeploymentFact } from '../../domain/deployment.ts';
import { mapFact } from '../../domain/trigger/mapping.ts';
import { DomainError } from '../../domain/errors.ts';
import {
  decide,
  evidenceOf,
  judge,
  leadsNowhere,
  opensPlans,
  type Outcome,
  type Situation,
} from '../../domain/trigger/decision.ts';
import type { SourceMapping } from '../../domain/source.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';

type Sender = Pick<InboxRow, 'source' | 'team'>;

/** Where a fact belongs in a revision of the catalogue, or why it belongs nowhere. */
export const placeOf = async (
  { source: sourceName, team }: Sender,
  fact: DeploymentFact,
  revision: number,
  catalogue: CatalogueStorage,
): Promise<Situation<never>['place']> => {
  const source = sourceName.startsWith('api/') ? undefined : await catalogue.find('Source', sourceName, revision);
  const mapped = namesOf(fact, source?.mappings ?? []);
  if (mapped === undefined && fact.transient)
    return { skipped: `${fact.environment} is short-lived: skipped unless a mapping names it` };
  if (!mapped) return { gap: `no mapping of source ${sourceName} fits ${fact.subject} in ${fact.environment}` };
  if ('gap' in mapped) return mapped;
  const service = await catalogue.find('Service', mapped.service, revision);
  const environment = await catalogue.find('Environment', mapped.environment, revision);
  if (!service || !environment)
    return { gap: `the catalogue has no service ${mapped.service} or no environment ${mapped.environment}` };
  const { owner, plans } = service;
  if (team !== undefined && owner !== team) return { gap: `service ${mapped.service} does not belong to team ${team}` };
  return { ...mapped, owner, template: fact.change === 'rolled-back' ? plans.rollback : plans.deployment };
};

/** What a sender speaks of, in names of the catalogue; undefined when no mapping fits. */
export const namesOf = (
  fact: Parameters<typeof mapFact>[0] & Pick<DeploymentFact, 'service'>,
  mappings: readonly SourceMapping[],
) => {
  if (fact.service !== undefined) return { service: fact.service, environment: fact.environment };
  try {
    return mapFact(fact, mappings);
  } catch (error) {
    if (error instanceof DomainError) return { gap: error.message };
    throw error;
  }
};

/** What becomes of facts that lead to no plan; undefined when one may. */
export type Foresight = (facts: readonly DeploymentFact[], sender: Sender) => Promise<Foreseen | undefined>;

const freshMs = 1_000;

/**
 * Most events of a webhook need no plan: they are settled as they are accepted, as if no plan were open. The
 * database compares both when it writes: that no plan is open for these places, and that the revision, which may be a second
 * old, is still the newest.
 */
export const createForesight = (catalogue: CatalogueStorage): Foresight => {
  let newest = { revision: Promise.resolve(0), until: 0 };
  const newestRevision = (): Promise<number> => {
    if (newest.until < Date.now()) {
      newest = { revision: catalogue.revision(), until: Date.now() + freshMs };
      // Asked again at once after a failure.
      newest.revision.catch(() => (newest.until = 0));
    }
    return newest.revision;
  };
  return async (facts, sender) => {
    const revision = await newestRevision();
    const outcomes: Outcome[] = [];
    const places: { service: string; environment: string }[] = [];
    for (const fact of facts) {
      const place = await placeOf(sender, fact, revision, catalogue);
      if ('service' in place) {
        if (opensPlans(fact.change)) return undefined;
        places.push({ service: place.service, environment: place.environment });
      }
      const decision = decide({ change: fact.change, place, open: [] });
      outcomes.push(leadsNowhere(decision) ? decision : evidenceOf(fact.change));
    }
    return { ...judge(outcomes), revision, places };
  };
};
