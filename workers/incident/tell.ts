import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { incidentReference } from '../../domain/identifiers.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { IncidentStorage } from '../../storage/incident/index.ts';
import type { ToldIncident } from '../../storage/incident/news.ts';
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
  const { number, workflowId, news, commission } = incident;
  try {
    if (incident.isLate) await endForeign(incident, ports, log);
    const input = { ...commission, workflowId, timing: await timingOf(commission, ports) };
    const handle = await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.signalWithStart(incidentWorkflowType, {
        workflowId,
        taskQueue,
        args: [input],
        signal: alertsChanged,
        signalArgs: [{ news }],
        // What has ended stays so: what fires then belongs to another incident. One that has not begun begins anew.
        workflowIdReusePolicy: incident.isLate ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
        priority: { priorityKey: 1 },
      }),
    );
    // It may end before it saves anything, and is archived all the same.
    await records.noteRun(workflowId, handle.signaledRunId, incidentReference(number));
    await incidents.noteTold(number, news);
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return incidents.noteTold(number, news);
    log.debug({ err: error, incident: number }, 'an incident was not told yet');
    await incidents.putBack(number, againMs);
  }
};

/** Whoever has taken its id keeps people from being paged: no workflow but ours has a place under it. */
const endForeign = async (
  { workflowId }: ToldIncident,
  { client, taskQueue }: TellPorts,
  log: Logger,
): Promise<void> => {
  const handle = client.workflow.getHandle(workflowId);
  const found = await client.withDeadline(Date.now() + deadlineMs, () => handle.describe()).catch(unlessNotFound);
  if (found?.status.name !== 'RUNNING') return;
  if (found.type === incidentWorkflowType && found.taskQueue === taskQueue) return;
  log.error(
    { workflowId, type: found.type },
    'a workflow that is not of Evenkeel had the id of an incident: it is ended',
  );
  await client.workflow.getHandle(workflowId, found.runId).terminate('the id is of an incident of Evenkeel');
};

const unlessNotFound = (error: unknown): undefined => {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
};
