import type { Command } from 'commander';
import type { CommandState } from '../api/commands.ts';
import type { RunbookRun } from '../domain/runbook-run.ts';
import { route } from './api.ts';
import { CommandFailure } from './failure.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

/** Arguments and options of a verb, by their names. */
interface Asked {
  id: string;
  seat: string;
  person: string;
  to: string;
  drop: string[];
}

/** What may be asked of a plan. Each is a command: applied at once, or recorded until a worker is there. */
export function addPlanCommands(plan: Command, session: Session): void {
  const ask = async (path: string, body: object, done: string): Promise<void> =>
    session.receipt(await session.api.command<CommandState>(path, body), done);

  /** A verb whose request holds, beside the id in its path, its arguments and its options. */
  const verb = (usage: string, description: string, done: (asked: Asked) => string): Command => {
    const command = plan.command(usage).description(description);
    return command.action(() => {
      const values = command.registeredArguments.map((argument, at) => [argument.name(), command.args[at]]);
      const asked = { ...Object.fromEntries(values), ...command.opts() } as Asked;
      const { id, ...body } = asked;
      return ask(`${route`/v1/operation-plans/${id}`}/${command.name()}`, body, done(asked));
    });
  };

  const withReason = (...said: Parameters<typeof verb>): Command => verb(...said).requiredOption(...reasonOption);

  withReason('pause <id>', 'starts nothing new until the plan is resumed', ({ id }) => `${id} is paused`);
  withReason('resume <id>', 'resumes a paused plan', ({ id }) => `${id} is resumed`);
  withReason('cancel <id>', 'cancels a plan and undoes what was done', ({ id }) => `${id} is being cancelled`);
  withReason('reassess <id>', 'assesses the readiness again', ({ id }) => `${id} is assessed again`);

  for (const [type, description, done] of [
    ['retry', 'retries a failed activity or step', 'is retried'],
    ['skip', 'continues without an activity or step', 'is skipped'],
  ] as const) {
    plan
      .command(`${type} <id> <activity[/step]>`)
      .description(description)
      .requiredOption(...reasonOption)
      .action(async (id: string, place: string, options: { reason: string }) => {
        const [activity = '', step] = place.split(/\/(.*)/s);
        const [path, body] =
          step === undefined
            ? [route`/v1/operation-plans/${id}`, { activity, ...options }]
            : [await pathOfStep(session, id, activity, step), options];
        await ask(`${path}/${type}`, body, `${place} ${done}`);
      });
  }

  withReason(
    'amend <id>',
    'drops activities before the plan runs; the plan then needs a new approval',
    ({ id, drop }) => `${id} continues without ${drop.join(', ')}`,
  ).requiredOption('--drop <name...>', 'activities to drop');

  verb('accept <id> <seat>', 'takes a seat that you were asked to take', ({ seat }) => `You have the seat ${seat}`);
  withReason(
    'decline <id> <seat>',
    'declines a seat; the next person is asked',
    ({ seat }) => `You have declined the seat ${seat}`,
  );
  withReason(
    'assign <id> <seat> <person>',
    'asks a person you name to take a seat',
    ({ seat, person }) => `${person} is asked to take the seat ${seat}`,
  );

  withReason(
    'reassign <id> <seat>',
    'moves a seat that was taken to another person, who is asked to take it',
    ({ seat, to }) => `${to} is asked to take the seat ${seat}`,
  ).requiredOption('--to <person>', 'who shall have it');

  verb(
    'report-status <id> <text>',
    'reports how the plan stands; stakeholders receive it',
    () => 'The status report is on its way',
  );
}

/** A step is asked about in the run that is under way. */
const pathOfStep = async ({ api }: Session, id: string, activity: string, step: string): Promise<string> => {
  const { items } = await api.get<{ items: RunbookRun[] }>(route`/v1/operation-plans/${id}/runs`);
  const run = items.findLast((other) => other.activity === activity && other.endedAt === undefined);
  if (!run) throw new CommandFailure(1, `no runbook of ${activity} is under way`);
  return route`/v1/runs/${run.id}/steps/${step}`;
};
