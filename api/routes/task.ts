import { z } from 'zod';
import { TaskId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { Reference } from '../../domain/reference.ts';
import { withTries } from '../../domain/step-try.rules.ts';
import { StepSaid } from '../../domain/step-try.ts';
import { CompleteTask, ReassignTask, Task } from '../../domain/task.ts';
import { endOf } from '../../domain/text.ts';
import { completeTask, reassignTask } from '../../workflows/task.messages.ts';
import { reaches } from '../../domain/actor.rules.ts';
import { holdsIn } from '../../domain/team.rules.ts';
import type { Access } from '../access.ts';
import { asCommand } from '../commands.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { refuseDecider, refuseStranger } from '../eligibility.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf } from '../page.ts';
import { visibleRecord } from '../record-view.ts';

const ById = z.strictObject({ id: TaskId });

export const taskOperations = (context: Context): Untagged[] => {
  const { stores, commands } = context;
  const visible = async (id: TaskId, access: Access): Promise<{ task: Task; team: string }> => {
    const found = await stores.tasks.find(id);
    if (!found) throw new DomainError('not-found', `there is no task ${id}`);
    const isMine =
      access.actor.type === 'person' &&
      'person' in found.task.assignee &&
      found.task.assignee.person === access.actor.name;
    // Whoever may see the record sees its tasks.
    if (!isMine && access.roleIn(found.team) === undefined) await visibleRecord(context, found.task.belongsTo, access);
    return found;
  };

  /** Somebody who may complete it. */
  const refuseUnfit = async (person: string): Promise<void> => {
    await refuseStranger(context, person, 'to');
    const teams = await context.recent.list('Team');
    if (!teams.some(({ spec }) => holdsIn(spec, person, 'responder')))
      throw new DomainError('invalid', `${person} has the role responder in no team, and could not complete it`, 'to');
  };

  /** Whoever does a task of a step, or undoes one by hand, decides by what other steps of the run have said. */
  const saidTo = async ({ place, belongsTo }: Task): Promise<StepSaid[]> => {
    const run = place.of === 'step' ? await stores.runs.find(place.run) : undefined;
    if (!run) return [];
    return withTries(run, await stores.outbox.of(belongsTo)).steps.flatMap(({ name, tries }) => {
      const last = tries.findLast(({ output = '' }) => output.trim() !== '');
      return last ? [{ step: name, ok: last.ok, detail: last.detail ?? '', output: endOf(last.output ?? '') }] : [];
    });
  };

  return [
    operation({
      id: 'listTasks',
      route: 'GET /v1/tasks',
      summary: 'Lists the tasks of your teams and your own, newest first',
      role: 'viewer',
      query: z.strictObject({
        ...PageQuery,
        belongsTo: Reference.optional(),
        status: Task.shape.status.optional(),
      }),
      answer: pagesOf(Task),
      async handle({ query, access }) {
        const { after, limit, ...filter } = query;
        const person = access.actor.type === 'person' ? access.actor.name : undefined;
        const teams = access.teamsWith('viewer');
        const own = person === undefined ? [] : await stores.incidents.privateOf(person);
        const found = await stores.tasks.list({
          ...filter,
          teams: teams && [...teams, ...own],
          person,
          after: positionOf(after),
          limit,
        });
        return { body: pageOfListed(found, (item) => item) };
      },
    }),
    operation({
      id: 'showTask',
      route: 'GET /v1/tasks/{id}',
      summary: 'Shows a task with its form',
      role: 'viewer',
      params: ById,
      answer: {
        status: 200,
        description: 'The task; for a step, with the output of the steps of its run',
        schema: Task.extend({ said: z.array(StepSaid) }),
      },
      async handle({ params, access }) {
        const { task } = await visible(params.id, access);
        return { body: { ...task, said: await saidTo(task) } };
      },
    }),
    operation({
      id: 'completeTask',
      route: 'POST /v1/tasks/{id}/complete',
      summary: 'Reports a task as done, with its form filled in, or as not possible',
      role: 'responder',
      params: ById,
      body: CompleteTask.omit({ task: true }),
      ...asCommand,
      async handle({ params, body, access, headers }) {
        const { task, team } = await visible(params.id, access);
        const { assignee } = task;
        if ('team' in assignee) access.demand('responder', assignee.team, `task ${task.id}`);
        else if (access.actor.name !== assignee.person || access.actor.type !== 'person')
          throw new DomainError('not-allowed', `the task is assigned to ${assignee.person}`);
        const ask = { type: 'complete-task', task: task.id, ...body };
        return commands.submit(
          { belongsTo: task.belongsTo, target: task.workflowId, name: completeTask, team, ask },
          { access, headers },
        );
      },
    }),
    operation({
      id: 'reassignTask',
      route: 'POST /v1/tasks/{id}/reassign',
      summary: 'Gives the task of a person to another one, who is notified as the one before is',
      role: 'operator',
      params: ById,
      body: ReassignTask.omit({ task: true }),
      ...asCommand,
      async handle({ params, body, access, headers }) {
        const { task, team } = await visible(params.id, access);
        const held = access.roleIn(team);
        if (held === undefined || !reaches(held, 'operator'))
          await visibleRecord(context, task.belongsTo, access, 'operator');
        await refuseUnfit(body.to);
        await refuseDecider(context, task.belongsTo, body.to, 'to');
        const ask = { type: 'reassign-task', task: task.id, ...body };
        return commands.submit(
          { belongsTo: task.belongsTo, target: task.workflowId, name: reassignTask, team, ask },
          { access, headers },
        );
      },
    }),
  ];
};
