import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Logger } from 'pino';
import { incidentReference } from '../../domain/identifiers.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { IncidentStorage, ToldIncident } from '../../storage/incident.ts';
import type { RecordStore } from '../../storage/record.ts';
import { alertsChanged, incidentWorkflowType } from '../../workflows/incident.messages.ts';
import { type Loop, startLoop } from '../loop.ts';
import { timingOf } from './timing.ts';

export interface TellPorts {
  client: Client;
  catalogue: CatalogueStorage;
  incidents: IncidentStorage;
  records: Pick<RecordStore, 'noteRun'>;
  taskQueue: string;
  messagesPerRun: number;
}

const idleMs = 500;
const atOnce = 20;
const deadlineMs = 5_000;
const againMs = 1_000;

/** Tells the workflows of incidents that there is news of their alerts, each at most once a second, and starts those that are new. */
export const startTeller = (ports: TellPorts, log: Logger): Loop =>
  startLoop('incidents', idleMs, log, async () => {
    const found = await ports.incidents.claimNews(atOnce);
    await Promise.all(found.map((incident) => tell(incident, ports, log)));
    return found.length;
  });

const tell = async (incident: ToldIncident, ports: TellPorts, log: Logger): Promise<void> => {
  const { client, incidents, records, taskQueue } = ports;
  const { number, workflowId, news } = incident;
  try {
    const { commission, workflowId: id } = incident;
    const input = { ...commission, workflowId: id, timing: await timingOf(commission, ports) };
    const handle = await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.signalWithStart(incidentWorkflowType, {
        workflowId,
        taskQueue,
        args: [input],
        signal: alertsChanged,
        signalArgs: [{ news }],
        // What has ended stays so: what fires then belongs to another incident.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        priority: { priorityKey: 1 },
      }),
    );
    // It may end before it saves anything, and is archived all the same.
    await records.noteRun(workflowId, handle.signaledRunId, incidentReference(number));
    await incidents.noteTold(number, news);
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return incidents.putBack(number, 30 * againMs);
    log.debug({ err: error, incident: number }, 'an incident was not told yet');
    await incidents.putBack(number, againMs);
  }
};
