import { incidentReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import { isDisturbed, responsibleFor } from '../../domain/incident/record.rules.ts';
import { shownBy } from '../../domain/problem/offer.ts';
import { notify } from '../notification/index.ts';
import type { ActivityPorts } from '../ports.ts';
import { knownProblem } from './known.ts';

type Ports = Pick<ActivityPorts, 'problems' | 'incidents' | 'catalogue' | 'outbox' | 'kinds' | 'publicUrl'>;

const mostIncidents = 200;

/** Tells whoever works on an open incident that shows a known error what helps, once for each version of it. */
export async function informIncidents(ports: Ports, number: number): Promise<void> {
  const { record } = await knownProblem(ports.problems, number);
  if (!record?.knownError) return;
  const { version } = record.knownError;
  const published = await ports.problems.knownErrors();
  for (const { number: incident, record: open } of await ports.incidents.listOpen(mostIncidents)) {
    if (!open || !isDisturbed(open)) continue;
    const known = (await shownBy(open, published, ports.incidents)).find(({ problem }) => problem === number);
    if (!known) continue;
    const key = `${problemWorkflowIdOf(number)}/known-error/${version}/incident/${incident}`;
    const notice = { reason: 'incident-known-error', known } as const;
    await notify(ports, { key, belongsTo: incidentReference(incident), to: responsibleFor(open), notice });
  }
}
