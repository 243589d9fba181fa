import type { Document } from '../../../domain/document.ts';
import { isOf } from '../../../domain/catalogue/lookup.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Access } from '../../access.ts';

/**
 * A team's documents are changed by its own admins; so is what is promised of its services, and what holds their changes up. What teams
 * share (policies, runbooks, people …) may be added by an admin of any; to change or delete it, or to make an auditor, takes an admin of all.
 */
export const refuseForeign = (
  access: Access,
  next: Document,
  before: Document | undefined,
  { teams, all }: { teams: readonly string[]; all: readonly Document[] },
): void => {
  const { kind, name } = next;
  const meant = before ? [before, next] : [next];
  const owners = meant.flatMap((document) => {
    if (kind === 'Team') return before ? [name] : [];
    if ('owner' in document.spec) return [document.spec.owner];
    if (isOfTeam(kind) && 'team' in document.spec) return [document.spec.team];
    return ownersOf(servicesOf(document, all) ?? [], all);
  });
  // A team that the same documents bring along has no admins yet.
  for (const team of owners.filter((owner) => teams.includes(owner))) access.demand('admin', team, `${kind} ${name}`);
  const isOwned =
    kind === 'Team' || kind === 'Service' || isOfTeam(kind) || meant.every((document) => servicesOf(document, all));
  const isForAll = isOf(next, 'ErrorBudgetPolicy') && !isOwned;
  const makesAuditor = 'auditor' in next.spec && next.spec.auditor;
  if ((isOwned || !before) && !makesAuditor && !isForAll) return;
  const foreign = teams.find((team) => access.roleIn(team) !== 'admin');
  if (foreign !== undefined)
    throw new DomainError(
      'not-allowed',
      `${kind} ${name} is shared: only an admin of every team, ${foreign} included, can change it`,
    );
};

/** The services whose changes or alerts a document decides; undefined where it is of no service, or of every one. */
const servicesOf = (document: Document, all: readonly Document[]): string[] | undefined => {
  if (isOf(document, 'SLO')) return [document.spec.service];
  if (!isOf(document, 'ErrorBudgetPolicy')) return undefined;
  const scopes = document.spec.rules.map(({ scope }) => scope);
  if (scopes.some(({ services, objectives }) => services.length + objectives.length === 0)) return undefined;
  return scopes.flatMap(({ services, objectives }) => [
    ...services,
    ...all.flatMap((one) => (isOf(one, 'SLO') && objectives.includes(one.name) ? [one.spec.service] : [])),
  ]);
};

const ownersOf = (services: readonly string[], all: readonly Document[]): string[] =>
  all.flatMap((one) => (isOf(one, 'Service') && services.includes(one.name) ? [one.spec.owner] : []));

/** What tells us of the team's services, with its secrets, what the public is told of them, and what is done for them. */
const isOfTeam = (kind: Document['kind']): boolean => ['Source', 'Heartbeat', 'StatusPage', 'Routine'].includes(kind);
