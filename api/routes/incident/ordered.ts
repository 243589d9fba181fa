import { incidentReference, incidentWorkflowIdOf } from '../../../domain/identifiers.ts';
import type { OrderedRunbook } from '../../record-view.ts';
import type { Stores } from '../../../workers/ports.ts';

/** What an approval of an incident is about: the runbook as it was when it was ordered. */
export const orderedForIncident = async (
  { stores }: { stores: Stores },
  id: string,
  digest: string,
): Promise<OrderedRunbook | undefined> => {
  const ordered = await stores.incidents.restorationBy(Number(id), digest);
  const spec = ordered && (await stores.catalogue.find('Runbook', ordered.runbook, ordered.revision));
  return spec && { name: ordered.runbook, spec };
};

/** Who was given a task of one of its runbooks. */
export const incidentExecutors = ({ stores }: { stores: Stores }, id: string): Promise<string[]> =>
  stores.inbox.executorsOf(incidentWorkflowIdOf(Number(id)), incidentReference(Number(id)));
