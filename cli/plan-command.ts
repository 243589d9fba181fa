import type { Command } from 'commander';
import type { RunbookRun } from '../domain/runbook-run.ts';
import { route } from './api.ts';
import type { Receipt, Session } from './session.ts';
import { CommandFailure } from './state.ts';

const reason = ['--reason <text>', 'why; it goes into the audit trail'] as const;

/** What may be asked of a plan. Each is a command: applied at once, or recorded until a worker is there. */
export function addPlanCommands(plan: Command, session: Session): void {
  const ask = async (id: string, path: string, body: object, done: string): Promise<void> => {
    const said = await session.api.command<Receipt>(`${route`/v1/operation-plans/${id}`}/${path}`, body);
    session.receipt(said, done);
  };

  /** A step is asked about in the run that is under way. */
  const askStep = async (
    id: string,
    { activity, step, type }: { activity: string; step: string; type: 'retry' | 'skip' },
    why: string,
    done: string,
  ): Promise<void> => {
    const { items } = await session.api.get<{ items: RunbookRun[] }>(route`/v1/operation-plans/${id}/runs`);
    const run = items.findLast((other) => other.activity === activity && other.endedAt === undefined);
    if (!run) throw new CommandFailure(1, `no runbook of ${activity} is under way`);
    const path = `${route`/v1/runs/${run.id}/steps/${step}`}/${type}`;
    session.receipt(await session.api.command<Receipt>(path, { reason: why }), done);
  };

  for (const [type, description, done] of simple) {
    plan
      .command(type)
      .argument('<id>')
      .description(description)
      .requiredOption(...reason)
      .action((id: string, options: { reason: string }) => ask(id, type, { reason: options.reason }, `${id} ${done}`));
  }

  for (const [type, description, done] of [
    ['retry', 'tries a failed activity or step again', 'is tried again'],
    ['skip', 'goes on without an activity or step', 'is skipped'],
  ] as const) {
    plan
      .command(type)
      .argument('<id>')
      .argument('<activity[/step]>')
      .description(description)
      .requiredOption(...reason)
      .action((id: string, place: string, options: { reason: string }) => {
        const [activity = '', step] = place.split(/\/(.*)/s);
        return step === undefined
          ? ask(id, type, { activity, reason: options.reason }, `${place} ${done}`)
          : askStep(id, { activity, step, type }, options.reason, `${place} ${done}`);
      });
  }

  plan
    .command('amend')
    .argument('<id>')
    .description('drops activities before the plan runs; whoever approved is asked again')
    .requiredOption('--drop <name...>', 'activities to leave out')
    .requiredOption(...reason)
    .action((id: string, options: { drop: string[]; reason: string }) =>
      ask(
        id,
        'amend',
        { drop: options.drop, reason: options.reason },
        `${id} goes on without ${options.drop.join(', ')}`,
      ),
    );

  addSeats(plan, ask);

  plan
    .command('report-status')
    .argument('<id>')
    .argument('<text>')
    .description('says how things stand; it is sent to those who follow the plan')
    .action((id: string, text: string) => ask(id, 'report-status', { text }, 'The status report is on its way'));
}

const simple = [
  ['pause', 'starts nothing new until the plan is resumed', 'is paused'],
  ['resume', 'goes on with a paused plan', 'goes on'],
  ['cancel', 'ends a plan; what was done is undone', 'is being cancelled'],
  ['reassess', 'looks at the readiness again', 'is assessed again'],
] as const;

function addSeats(plan: Command, ask: (id: string, path: string, body: object, done: string) => Promise<void>): void {
  plan
    .command('accept')
    .argument('<id>')
    .argument('<seat>', 'as in plan show')
    .description('takes a seat that you were asked to take')
    .action((id: string, seat: string) => ask(id, 'accept', { seat }, `You have the seat ${seat}`));

  plan
    .command('decline')
    .argument('<id>')
    .argument('<seat>')
    .description('declines a seat; the next person is asked')
    .requiredOption(...reason)
    .action((id: string, seat: string, options: { reason: string }) =>
      ask(id, 'decline', { seat, reason: options.reason }, `You have declined the seat ${seat}`),
    );

  plan
    .command('assign')
    .argument('<id>')
    .argument('<seat>')
    .argument('<person>')
    .description('names a person for a seat, who is asked to take it')
    .requiredOption(...reason)
    .action((id: string, seat: string, person: string, options: { reason: string }) =>
      ask(id, 'assign', { seat, person, reason: options.reason }, `${person} is asked to take the seat ${seat}`),
    );
}
