import { evenkeel } from '../../domain/actor.rules.ts';
import { taskedIn } from '../../domain/assignee.ts';
import { DomainError } from '../../domain/errors.ts';
import { entryKeyOf, incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import { begun, isOver } from '../../domain/incident/record.rules.ts';
import { ownedBy } from '../../domain/owner.ts';
import { stepDigestOf } from '../../domain/run-authorization.ts';
import { cancelOpen } from '../../domain/task.rules.ts';
import { withdrawAll } from '../approval/change.ts';
import type { ActivityPorts } from '../ports.ts';
import type { BrokenOff, RecordKind } from '../record-kind.ts';
import { documentAt } from '../../domain/circumstances.ts';
import { authorizeStep, restorationIn, stepOf } from './authorize.ts';
import { factLines, restorationBrief } from './brief.ts';
import { knownIncident } from './known.ts';
import { incidentNotice } from './notice.ts';
import { publish } from './publish.ts';
import { orderedRunbook } from './restore.ts';
import { incidentReport } from './report.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'approvals' | 'outbox' | 'commands' | 'statusPages'>;

/** What an incident answers to what hangs on it. */
export const createIncidentKind = (ports: Ports): RecordKind => {
  const { incidents, commands } = ports;
  /** Whoever was given a task of one of its runbooks. */
  const executorsOf = (id: string): Promise<string[]> =>
    commands.executorsOf(incidentWorkflowIdOf(Number(id)), incidentReference(Number(id)));
  return {
    workflowIdOf: (id) => incidentWorkflowIdOf(Number(id)),
    async titleOf(id) {
      const { commission, record } = await knownIncident(incidents, Number(id));
      const { title, severity } = record ?? commission;
      return `incident ${id} (${severity}): ${title}`;
    },
    async factsOf(id) {
      const { record } = await knownIncident(incidents, Number(id));
      return record ? factLines(record) : [];
    },
    async audienceOf(id) {
      return (await knownIncident(incidents, Number(id))).commission.privateTo;
    },
    async runbookOf(id, { activity, purpose }) {
      if (purpose === 'undo') return undefined;
      const { restoration, spec } = await orderedRunbook(ports, Number(id), restorationIn(activity));
      return { name: restoration.runbook, steps: spec.steps };
    },
    async stepOf(id, place) {
      const { restoration, spec, circumstances } = await orderedRunbook(
        ports,
        Number(id),
        restorationIn(place.activity),
      );
      return { step: stepOf(spec, place.step), circumstances, digest: stepDigestOf(restoration.digest, place) };
    },
    authorize: (reference, direction, run) => authorizeStep(ports, reference, direction, run),
    // Of a runbook that was ordered: the revision is its number.
    async questionOf(id, revision) {
      const { restoration, spec } = await orderedRunbook(ports, Number(id), revision);
      const { runbook, service, environment, digest, revision: catalogueRevision } = restoration;
      const policy = spec.restores?.policy;
      if (policy === undefined) throw new DomainError('invalid', `runbook ${runbook} needs no approval`);
      const { team } = (await knownIncident(incidents, Number(id))).commission;
      return {
        digest,
        question: `Run ${runbook} to restore ${service} in ${environment} (incident ${id})?`,
        policy: ownedBy(await documentAt(ports.catalogue, 'ApprovalPolicy', policy, catalogueRevision), { team }),
      };
    },
    // A step of a runbook is asked about by whoever ordered it as well, and by whoever lent them the token.
    async concernedBy(id, revision) {
      const { team } = await knownIncident(incidents, Number(id));
      const { restoration, spec } = await orderedRunbook(ports, Number(id), revision);
      const { orderedBy, lentBy } = restoration;
      return {
        team,
        requester: orderedBy,
        triggeredBy: lentBy === null ? undefined : [{ system: 'evenkeel', login: lentBy, people: [lentBy] }],
        editors: [],
        executors: [...new Set([...(await executorsOf(id)), ...taskedIn([{ runbook: spec }])])],
      };
    },
    joinedTo: async (id) => ({ triggeredBy: [], executors: await executorsOf(id) }),
    heardOfRun: () => Promise.resolve(),
    briefOf: (id, digest) => restorationBrief(ports, Number(id), digest),
    noticeOf: (id, { reason }) => incidentNotice(ports, Number(id), reason),
    reportOf: (id, ask) => incidentReport(ports, Number(id), ask),
    publish: (id, publication) => publish(ports, Number(id), publication),
    breakOff: (id, status) => breakOff(ports, Number(id), status),
  };
};

/** Nobody is paged any more without its workflow: it ends, and what still fires is taken to another one. */
const breakOff = async (ports: Ports, number: number, status: string): Promise<BrokenOff | undefined> => {
  const found = await ports.incidents.find(number);
  if (!found || (found.record && isOver(found.record))) return undefined;
  const { commission, workflowId, team } = found;
  const record = found.record ?? begun({ ...commission, workflowId }, false);
  const at = new Date().toISOString();
  const why = `its workflow was ended from outside (${status.toLowerCase()}); what still fires opens another incident`;
  const belongsTo = incidentReference(number);
  await withdrawAll(ports, belongsTo, Date.parse(at), why);
  const { status: _, ...rest } = record;
  const rev = record.rev + 1;
  const cancellation = { code: 'broke-off', reason: why } as const;
  const ended = {
    ...rest,
    rev,
    tasks: cancelOpen(record.tasks, at),
    status: 'cancelled' as const,
    cancellation,
    endedAt: at,
    outcome: why,
  };
  const key = entryKeyOf(workflowId, rev);
  const entry = {
    key,
    at,
    actor: evenkeel,
    action: 'incident.cancelled',
    reason: why,
    subject: belongsTo,
    belongsTo,
  } as const;
  return {
    to: { team },
    why,
    async end(runId) {
      await ports.incidents.save(ended, [entry], { runId, at: Date.parse(at) });
      await ports.incidents.tellAgain(number);
    },
  };
};
