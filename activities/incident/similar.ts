import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentCommission } from '../../domain/incident.ts';
import { similarIncidents } from '../../domain/insight/similar.ts';
import type { NamedSimilar } from '../notification/mail/page.ts';
import type { ActivityPorts } from '../ports.ts';

const mostOnPage = 3;
/** Nobody sleeps on while something is looked up. */
const patienceMs = 500;

/** Incidents of the team that are like this one, with what resolved them; none rather than a page that comes late. */
export const similarForPage = (
  ports: Pick<ActivityPorts, 'incidents' | 'insight'>,
  incident: Pick<IncidentCommission, 'number' | 'team'>,
): Promise<NamedSimilar[]> =>
  Promise.race([lookUp(ports, incident).catch(() => []), sleep(patienceMs, [] as NamedSimilar[], { ref: false })]);

const lookUp = async (
  { incidents, insight }: Pick<ActivityPorts, 'incidents' | 'insight'>,
  { number, team }: Pick<IncidentCommission, 'number' | 'team'>,
): Promise<NamedSimilar[]> => {
  const found = await similarIncidents(
    insight,
    number,
    (profiles) => profiles.filter((profile) => !profile.isPrivate && profile.team === team),
    mostOnPage,
  );
  const named = await Promise.all(
    found.map(async (similar): Promise<NamedSimilar[]> => {
      const known = await incidents.find(similar.number);
      if (!known) return [];
      const { title, detectedAt } = { ...known.commission, ...known.record };
      const { resolution } = { resolution: undefined, ...known.record };
      return [{ number: similar.number, title, detectedAt, solution: resolution?.solution, why: similar.why }];
    }),
  );
  return named.flat();
};
