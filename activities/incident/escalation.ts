import { type EscalationProgram, programOf } from '../../domain/escalation-policy.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import type { TeamSpec } from '../../domain/team.ts';

/** The escalation of an incident at the revision that it keeps: that of its service, else of its team, else the one that is built in. */
export const escalationOf = async (
  catalogue: CatalogueStore,
  {
    service: named,
    privateTo,
    team: name,
    catalogueRevision: revision,
  }: Pick<IncidentCommission, 'service' | 'team' | 'privateTo' | 'catalogueRevision'>,
): Promise<{ program: EscalationProgram; team: TeamSpec | undefined }> => {
  const team = await catalogue.find('Team', name, revision);
  if (privateTo !== undefined) return { program: amongThemselves(privateTo), team };
  const service = named === undefined ? undefined : await catalogue.find('Service', named, revision);
  const policy = service?.escalation ?? team?.escalation;
  const spec = policy === undefined ? undefined : await catalogue.find('EscalationPolicy', policy, revision);
  return { program: spec ? programOf(spec) : usual(name, team?.schedule), team };
};

/** A private incident pages its people, and nobody else. */
const amongThemselves = (people: readonly string[]): EscalationProgram => {
  const targets = people.map((person) => ({ person }));
  return { steps: [{ level: { targets, mode: 'everyone', acknowledgements: 1 } }], repeat: 5, exhausted: targets };
};

/** Whoever is on call, then everybody of the team who responds, twice; then whoever leads the team. */
const usual = (team: string, schedule: string | undefined): EscalationProgram => {
  const level = { mode: 'everyone' as const, acknowledgements: 1 };
  const everybody = { level: { ...level, targets: [{ team, role: 'responder' as const }] } };
  return {
    steps: schedule === undefined ? [everybody] : [{ level: { ...level, targets: [{ schedule }] } }, everybody],
    repeat: 1,
    exhausted: [{ team, role: 'admin' }],
  };
};
