import type { Role } from '../../../domain/actor.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { ProblemRow } from '../../../storage/problem.ts';
import type { Stores } from '../../../workers/ports.ts';
import type { Access } from '../../access.ts';

/** The problem, for somebody of its team, who opened it, or who has a part in it. */
export const visibleProblem = async (
  { stores }: { stores: Stores },
  id: string,
  access: Access,
  role: Role = 'viewer',
): Promise<ProblemRow> => {
  const row = /^\d{1,15}$/.test(id) ? await stores.problems.find(Number(id)) : undefined;
  if (!row) throw new DomainError('not-found', `there is no problem ${id}`);
  const isKnown = isConcerned(row, access, role);
  const { privateTo, team } = row.commission;
  // Whoever is none of its people does not even hear that it exists.
  if (privateTo !== undefined && !isKnown) access.demand('viewer', row.team, `problem ${id}`);
  const takesRole = role !== 'viewer' && role !== 'responder';
  if (takesRole || !isKnown) access.demand(role, team, `problem ${id}`);
  return row;
};

/** What is refused as unknown is none; anything else that goes wrong goes wrong. */
export const ifVisible = async <Row>(visible: Promise<Row>): Promise<Row | undefined> => {
  try {
    return await visible;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

/** Whether they may see it, for what is linked to something that they see. */
export const maySeeProblem = (row: ProblemRow, access: Access): boolean => {
  const teams = access.teamsWith('viewer');
  return teams === undefined || teams.includes(row.team) || isConcerned(row, access, 'viewer');
};

/** Whoever opened it may look; its people, whoever answers for it or has an action in it may work on it. */
const isConcerned = ({ commission, record }: ProblemRow, { actor }: Access, role: Role): boolean => {
  if (actor.type !== 'person') return false;
  const { openedBy } = commission;
  if (role === 'viewer' && openedBy.type === 'person' && openedBy.name === actor.name) return true;
  const part = [...(commission.privateTo ?? []), record?.owner, ...(record?.actions ?? []).map(({ owner }) => owner)];
  return part.includes(actor.name);
};
