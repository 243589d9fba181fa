import type { Document } from '../../../domain/document.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Access } from '../../access.ts';

/**
 * A team's documents are changed by its own admins. What teams share (policies, runbooks, people …) may be added by an
 * admin of any; to change or delete it, or to make an auditor, takes an admin of all.
 */
export const refuseForeign = (
  access: Access,
  next: Document,
  before: Document | undefined,
  teams: readonly string[],
): void => {
  const { kind, name } = next;
  const owners = (before ? [before, next] : [next]).flatMap(({ spec }) => {
    if (kind === 'Team') return before ? [name] : [];
    if ('owner' in spec) return [spec.owner];
    return isOfTeam(kind) && 'team' in spec ? [spec.team] : [];
  });
  // A team that the same documents bring along has no admins yet.
  for (const team of owners.filter((owner) => teams.includes(owner))) access.demand('admin', team, `${kind} ${name}`);
  const isOwned = kind === 'Team' || kind === 'Service' || isOfTeam(kind);
  const makesAuditor = 'auditor' in next.spec && next.spec.auditor;
  if ((isOwned || !before) && !makesAuditor) return;
  const foreign = teams.find((team) => access.roleIn(team) !== 'admin');
  if (foreign !== undefined)
    throw new DomainError(
      'not-allowed',
      `${kind} ${name} is shared: only an admin of every team, ${foreign} included, can change it`,
    );
};

/** What tells us of the team's services, with its secrets, and what the public is told of them. */
const isOfTeam = (kind: Document['kind']): boolean => ['Source', 'Heartbeat', 'StatusPage'].includes(kind);
