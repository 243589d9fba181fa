import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { routineReference } from '../../../domain/identifiers.ts';
import { Name } from '../../../domain/name.ts';
import { lookAtRoutine } from '../../../domain/routine/look.ts';
import { RoutineRun } from '../../../domain/routine/run.ts';
import { servicesOf } from '../../../domain/routine/selection.ts';
import type { RoutineSpec } from '../../../domain/routine.ts';
import type { Context } from '../../context.ts';
import { declare } from '../../declaration.ts';
import { mayHaveKey, requestId } from '../../idempotency.ts';
import { operation, type Untagged } from '../../operation.ts';
import { pausedIn, routineFor, ShownRoutine, shownOf } from './shown.ts';

const ByName = z.strictObject({ name: Name });
const Because = z.strictObject({ reason: z.string().min(1, 'a reason is needed').max(1000) });
const Ordered = z.object({ accepted: z.string(), state: z.string(), runs: z.array(RoutineRun) });
export type OrderedRoutine = z.infer<typeof Ordered>;

/** What operators of a routine's team ask of it. */
export const routineAsks = (context: Context): Untagged[] => {
  const { catalogue, routines } = context.stores;

  /** Refuses a place that is not the routine's. */
  const refuseStrange = async (spec: RoutineSpec, service?: string, environment?: string): Promise<void> => {
    const services = servicesOf(spec, await catalogue.list('Service'));
    if (service !== undefined && !services.includes(service))
      throw new DomainError('invalid', `the routine does not select service ${service}`, 'service');
    if (environment !== undefined && !spec.environments.includes(environment))
      throw new DomainError('invalid', `the routine is not for environment ${environment}`, 'environment');
    if (services.length === 0) throw new DomainError('conflict', 'the routine selects no service');
  };
  const shown = async (name: string, spec: RoutineSpec): Promise<ShownRoutine> =>
    shownOf({ name, spec }, (await routines.standings()).get(name), Date.now());

  return [
    operation({
      id: 'runRoutine',
      route: 'POST /v1/routines/{name}/runs',
      summary: 'Runs a routine now, for all of its services or for one; also while it is paused',
      role: 'operator',
      params: ByName,
      headers: mayHaveKey,
      body: z.strictObject({ service: Name.optional(), environment: Name.optional() }),
      answer: {
        status: 202,
        description: 'Committed, with its runs if they are there already',
        schema: Ordered,
        headers: { Location: 'Where it is shown what became of it' },
      },
      async handle({ params: { name: routine }, body: { service, environment }, access, headers }) {
        const spec = await routineFor(context, access, 'operator', routine);
        await refuseStrange(spec, service, environment);
        const content = { family: 'routine' as const, facts: [{ routine, service, environment }] };
        const order = { what: 'routine-run', name: 'routine.ordered', team: spec.owner, content };
        const { location, accepted, state } = await declare(context, order, { access, headers });
        return { headers: { location }, body: { accepted, state, runs: await routines.runsOrdered(accepted) } };
      },
    }),
    operation({
      id: 'pauseRoutine',
      route: 'POST /v1/routines/{name}/pause',
      summary: 'Pauses a routine, whatever is applied meanwhile: each time that passes is written down as skipped',
      role: 'operator',
      params: ByName,
      body: Because,
      headers: mayHaveKey,
      answer: { status: 200, description: 'The routine', schema: ShownRoutine },
      async handle({ params: { name }, body: { reason }, access, headers }) {
        const spec = await routineFor(context, access, 'operator', name);
        const at = new Date().toISOString();
        await routines.state(name, at);
        const subject = routineReference(name);
        const key = `${subject}/paused/${requestId('pauseRoutine', { access, headers })}`;
        const entry = { key, at, actor: access.actor, action: 'routine.paused', subject, reason } as const;
        const isDone = await routines.pause(name, { by: access.actor, at, reason }, entry);
        const { paused } = await routines.state(name, at);
        if (!isDone && paused?.reason !== reason)
          throw new DomainError('conflict', `routine ${name} was paused by ${paused?.by.name} at ${paused?.at}`);
        return { body: await shown(name, spec) };
      },
    }),
    operation({
      id: 'resumeRoutine',
      route: 'POST /v1/routines/{name}/resume',
      summary: 'Resumes a routine that somebody has paused; nothing of the pause is made up',
      role: 'operator',
      params: ByName,
      body: Because,
      headers: mayHaveKey,
      answer: { status: 200, description: 'The routine', schema: ShownRoutine },
      async handle({ params: { name }, body: { reason }, access, headers }) {
        const spec = await routineFor(context, access, 'operator', name);
        const standing = (await routines.standings()).get(name);
        if (!standing?.paused && pausedIn(spec, standing))
          throw new DomainError('conflict', `the document of routine ${name} says that it is paused: change that`);
        // Whatever was due in the pause is settled while it still is one.
        const now = Date.now();
        await lookAtRoutine({ catalogue, routines }, name, now);
        const subject = routineReference(name);
        const key = `${subject}/resumed/${requestId('resumeRoutine', { access, headers })}`;
        const at = new Date(now).toISOString();
        await routines.resume(name, { key, at, actor: access.actor, action: 'routine.resumed', subject, reason });
        return { body: await shown(name, spec) };
      },
    }),
  ];
};
