import { reaches } from '../actor.rules.ts';
import type { Approver } from '../approval.ts';
import type { CatalogueStore } from '../ports.ts';
import type { ProblemCommission } from '../problem.ts';

/** Whoever may accept the risk of a problem: those who approve for its team; of a private one, those of its people who do. */
export const approversOf = async (
  catalogue: Pick<CatalogueStore, 'find'>,
  { team, privateTo }: Pick<ProblemCommission, 'team' | 'privateTo'>,
): Promise<Approver[]> => {
  if (privateTo === undefined) return [{ team, role: 'approver' }];
  const members = (await catalogue.find('Team', team))?.members ?? [];
  return members.flatMap(({ person, role }) =>
    privateTo.includes(person) && reaches(role, 'approver') ? [{ person }] : [],
  );
};
