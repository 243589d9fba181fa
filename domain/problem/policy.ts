import type { CatalogueStore } from '../ports.ts';
import { type ProblemPolicySpec, usualProblemPolicy } from '../problem-policy.ts';

/** What a team's problems open by, at a revision of the catalogue. */
export const problemPolicyOf = async (
  catalogue: Pick<CatalogueStore, 'find'>,
  team: string,
  revision: number,
): Promise<ProblemPolicySpec> => {
  const name = (await catalogue.find('Team', team, revision))?.problemPolicy;
  return (name === undefined ? undefined : await catalogue.find('ProblemPolicy', name, revision)) ?? usualProblemPolicy;
};
