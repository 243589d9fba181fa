import { evenkeel } from '../../domain/actor.rules.ts';
import { DomainError } from '../../domain/errors.ts';
import { routineReference } from '../../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import type { PlanCommission } from '../../domain/operation-plan.ts';
import { parametersOf } from '../../domain/plan-template/parameter.ts';
import type { Ending, RoutineStore } from '../../domain/routine/ports.ts';
import type { RoutineFact, RoutineRun } from '../../domain/routine/run.ts';
import { whyMissed } from '../../domain/routine/slot.ts';
import type { RoutineSpec } from '../../domain/routine.ts';
import { judge, type Outcome } from '../../domain/trigger/decision.ts';
import { triggerKeyOf } from '../../domain/trigger/key.ts';
import { openPlan, type PlanPorts, resumePlan, triggeredByOf } from '../operation-plan.ts';
import { orderRuns } from './order.ts';

export interface RoutinePorts extends PlanPorts {
  routines: RoutineStore;
  /** Now, in milliseconds, given what the host says: tests move it. */
  clock?: (host: number) => number;
}

/** Opens the plan of each run that PostgreSQL says is due: a message says which run, and nothing of what it is. */
export async function deliverRoutineRuns(
  row: InboxRow,
  facts: readonly RoutineFact[],
  ports: RoutinePorts,
): Promise<Delivered> {
  const outcomes: Outcome[] = [];
  for (const fact of facts) {
    const ids = 'run' in fact ? [fact.run] : await orderRuns(row, fact, ports);
    if ('gap' in ids) outcomes.push(ids);
    else for (const id of ids) outcomes.push(await open(id, row, ports));
  }
  return judge(outcomes);
}

const open = async (id: string, row: InboxRow, ports: RoutinePorts): Promise<Outcome> => {
  const run = await ports.routines.find(id);
  if (!run) return { gap: `there is no routine run ${id}` };
  if (run.status !== 'due' && run.status !== 'opened') return { skipped: `the run is ${run.status}: ${run.why}` };
  const revision = await ports.catalogue.revision();
  const { clock = (host: number) => host } = ports;
  const at = new Date(clock(Date.now())).toISOString();
  const found = await lookUp(run, { row, revision, now: Date.parse(at) }, ports);
  if ('why' in found) return run.status === 'due' ? end(run, { ...found, at }, ports) : { skipped: found.why };
  const opened = await openPlan(row, { team: run.team, commission: found }, ports);
  await ports.routines.opened(id, opened.id);
  return resumePlan(opened, row, ports);
};

type Unopened = Omit<Ending, 'at'>;

/** What the plan is opened for, by the catalogue as it is now; or why there is none to open: time may have passed, and somebody may have changed their mind. */
const lookUp = async (
  run: RoutineRun & { isNewest: boolean },
  { row, revision, now }: { row: InboxRow; revision: number; now: number },
  ports: RoutinePorts,
): Promise<PlanCommission | Unopened> => {
  const { routine, team, opensAt, orderedBy, isNewest } = run;
  const spec = await ports.catalogue.find('Routine', routine, revision);
  if (!spec) return { status: 'skipped', why: 'the catalogue has no such routine any more' };
  const { paused } = await ports.routines.state(routine, new Date(now).toISOString());
  if (orderedBy === null && (spec.paused || paused))
    return { status: 'skipped', why: 'it was paused before it opened' };
  const service = await ports.catalogue.find('Service', run.service ?? '', revision);
  if (spec.owner !== team || service?.owner !== team)
    return { status: 'failed', why: `service ${run.service} does not belong to team ${team} any more` };
  const why = orderedBy === null ? whyMissed(spec, { dueAt: Date.parse(opensAt), isNewest }, now) : undefined;
  return why === undefined ? commissionOf(run, spec, { row, revision }, ports) : { status: 'missed', why };
};

const commissionOf = async (
  { id, routine, kind, dueAt, service, environment }: RoutineRun,
  { template, parameters: given }: RoutineSpec,
  { row, revision }: { row: InboxRow; revision: number },
  ports: RoutinePorts,
): Promise<PlanCommission | Unopened> => {
  const source = routineReference(routine);
  const described = await ports.catalogue.find('PlanTemplate', template, revision);
  const isThere = await ports.catalogue.find('Environment', environment ?? '', revision);
  if (!described || !isThere || service === null || environment === null)
    return { status: 'failed', why: `there is no PlanTemplate ${template}, or no Environment ${environment}` };
  try {
    return {
      service,
      environment,
      template,
      catalogueRevision: revision,
      parameters: parametersOf(described.parameters, given),
      trigger: {
        type: 'routine',
        key: triggerKeyOf(source, id),
        source,
        requester: row.actor.type === 'system' ? source : row.actor.name,
        triggeredBy: await triggeredByOf(row, [], revision, ports),
        routine,
        kind,
        dueAt,
      },
    };
  } catch (error) {
    if (error instanceof DomainError) return { status: 'failed', why: error.message };
    throw error;
  }
};

const end = async (
  { id, routine, dueAt, service, environment }: RoutineRun,
  ending: Ending,
  { routines }: RoutinePorts,
): Promise<Outcome> => {
  const { status, why, at } = ending;
  const subject = routineReference(routine);
  await routines.end(id, ending, {
    key: `${subject}/${id}/${status}`,
    at,
    actor: evenkeel,
    action: `routine.${status}`,
    subject,
    detail: { run: id, dueAt, service, environment, why },
  });
  return { skipped: why };
};
