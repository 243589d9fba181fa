import { routineReference } from '../../domain/identifiers.ts';
import type { InboxRow } from '../../domain/inbox.ts';
import { orderedRun, placesOf, type RoutineOrder } from '../../domain/routine/run.ts';
import { servicesOf } from '../../domain/routine/selection.ts';
import type { RoutinePorts } from './open.ts';

/** Writes down the runs that somebody has ordered, each once for each row; or why there is nothing to run. */
export const orderRuns = async (
  { id, receivedAt, actor }: InboxRow,
  { routine: name, service, environment }: RoutineOrder,
  { catalogue, routines }: Pick<RoutinePorts, 'catalogue' | 'routines'>,
): Promise<string[] | { gap: string }> => {
  const revision = await catalogue.revision();
  const spec = await catalogue.find('Routine', name, revision);
  if (!spec) return { gap: `the catalogue has no routine ${name}` };
  const places = placesOf(servicesOf(spec, await catalogue.list('Service', revision)), spec.environments).filter(
    (place) => (service ?? place.service) === place.service && (environment ?? place.environment) === place.environment,
  );
  if (places.length === 0) return { gap: `routine ${name} selects nothing there` };
  const described = { routine: name, team: spec.owner, kind: spec.kind };
  const runs = places.map((place) => orderedRun({ id, receivedAt, actor }, described, place));
  const ids = runs.map((run) => run.id);
  const subject = routineReference(name);
  await routines.order(runs, id, {
    key: `${subject}/ordered/${id}`,
    at: receivedAt,
    actor,
    action: 'routine.ordered',
    subject,
    detail: { inbox: id, runs: ids, service, environment },
  });
  return ids;
};
