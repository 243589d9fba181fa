import type { Foreseen, InboxRow } from '../domain/inbox.ts';
import type { DeploymentFact } from '../domain/trigger.ts';
import { mapFact } from '../domain/trigger/mapping.ts';
import { evidenceOf, judge, opensPlans, type Outcome } from '../domain/trigger/outcome.ts';
import type { CatalogueStorage } from '../storage/catalogue.ts';

export interface Place {
  service: string;
  environment: string;
}

type Teller = Pick<InboxRow, 'source' | 'team'>;

/** Where a fact belongs in a revision of the catalogue, or why it belongs nowhere. */
export const placeOf = async (
  { source: sourceName, team }: Teller,
  fact: Omit<DeploymentFact, 'change'>,
  revision: number,
  catalogue: CatalogueStorage,
): Promise<Place | { gap: string }> => {
  const source = sourceName.startsWith('api/') ? undefined : await catalogue.find('Source', sourceName, revision);
  const mapped =
    fact.service === undefined
      ? mapFact(fact, source?.mappings ?? [])
      : { service: fact.service, environment: fact.environment };
  if (!mapped) return { gap: `no mapping of source ${sourceName} fits ${fact.subject} in ${fact.environment}` };
  const service = await catalogue.find('Service', mapped.service, revision);
  const environment = await catalogue.find('Environment', mapped.environment, revision);
  if (!service || !environment)
    return { gap: `the catalogue has no service ${mapped.service} or no environment ${mapped.environment}` };
  if (team !== undefined && service.owner !== team)
    return { gap: `service ${mapped.service} does not belong to team ${team}` };
  return mapped;
};

/** What becomes of facts that lead to no plan; undefined when one may. */
export type Foresight = (facts: readonly DeploymentFact[], teller: Teller) => Promise<Foreseen | undefined>;

const freshMs = 1_000;

/**
 * Most of what a webhook tells leads nowhere: that is settled together with its acceptance. The revision may be a second
 * old, so the database compares it when it writes.
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
  return async (facts, teller) => {
    const revision = await newestRevision();
    const outcomes: Outcome[] = [];
    const places: Place[] = [];
    for (const { change, ...fact } of facts) {
      const at = await placeOf(teller, fact, revision, catalogue);
      if ('gap' in at) outcomes.push(at);
      else if (opensPlans(change)) return undefined;
      else {
        outcomes.push(evidenceOf(change));
        places.push(at);
      }
    }
    return { ...judge(outcomes), revision, places };
  };
};
