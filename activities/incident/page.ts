import { reaches } from '../../domain/actor.rules.ts';
import { onCallAt } from '../../domain/calendar.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { EscalationTurn } from '../../domain/incident/escalation.rules.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import type { Severity } from '../../domain/severity.ts';
import { responseOf } from '../../domain/severity-policy.ts';
import { pageMail } from '../notification/mail/page.ts';
import type { ActivityPorts } from '../ports.ts';
import { knownIncident, policyOf } from './known.ts';

interface Ask {
  number: number;
  round: number;
  severity: Severity;
  priority?: number | undefined;
  /** The level that was paged last. */
  after?: { level: number; loop: number } | undefined;
  at: number;
}

const loops = 2;

/** Pages the next level that has anybody; a level without anybody is passed at once. */
export async function pageResponders(
  { catalogue, incidents, outbox, publicUrl }: Pick<ActivityPorts, 'catalogue' | 'incidents' | 'outbox' | 'publicUrl'>,
  { number, round, severity, after, at }: Ask,
): Promise<EscalationTurn> {
  const { commission, record } = await knownIncident(incidents, number);
  const levels = await levelsOf(commission, catalogue, at);
  const { acknowledgeWithinMs } = responseOf(await policyOf(catalogue, commission), severity);
  const belongsTo = incidentReference(number);
  let skipped = 0;
  let position = after;
  for (;;) {
    position = next(position, levels.length);
    if (!position) return { loop: after?.loop ?? 0, paged: [], skipped };
    const people = levels[position.level]!;
    if (people.length === 0) {
      skipped += 1;
      continue;
    }
    const mail = pageMail({ ...commission, ...record, severity }, { ...position, publicUrl });
    for (const person of people) {
      const known = await catalogue.find('Person', person);
      const { level, loop } = position;
      const key = `${incidentWorkflowIdOf(number)}/page/${loop}/${level}/${person}/email/${round}`;
      if (known) await outbox.put(key, belongsTo, { kind: 'email', to: known.email, ...mail });
    }
    return { ...position, paged: people, waitMs: acknowledgeWithinMs, skipped };
  }
}

const next = (after: Ask['after'], levels: number): { level: number; loop: number } | undefined => {
  if (!after) return { level: 0, loop: 0 };
  const { level, loop } = after;
  if (level + 1 < levels) return { level: level + 1, loop };
  return loop + 1 < loops ? { level: 0, loop: loop + 1 } : undefined;
};

/** Whoever is on call, then everybody of the team who responds. */
const levelsOf = async (
  { team: name }: IncidentCommission,
  catalogue: CatalogueStore,
  at: number,
): Promise<string[][]> => {
  const team = await catalogue.find('Team', name);
  const schedule = team?.schedule === undefined ? undefined : await catalogue.find('Schedule', team.schedule);
  const first = schedule && onCallAt(schedule, at);
  const responders = team?.members.filter(({ role }) => reaches(role, 'responder')).map(({ person }) => person) ?? [];
  return [first === undefined ? [] : [first], responders];
};
