import type { Command } from 'commander';
import type { Stall } from '../domain/stall.ts';
import { plain, table, when } from './print.ts';
import type { Session } from './session.ts';

interface RepairOptions {
  reason: string;
  toEvent?: string;
}

/** `evenkeel stall`: what is tried again and again. `evenkeel repair`: the way back. */
export function addStall(program: Command, session: Session): void {
  const stall = program.command('stall').description('stalls: work that keeps failing');

  stall
    .command('list')
    .description('lists workflows and activities of your teams that are stuck, and why')
    .action(async () => {
      const said = await session.api.get<{ items: Stall[] }>('/v1/stalls');
      session.show(said, ({ items }) => stallsText(items));
    });

  program
    .command('repair <workflow>')
    .description('resets a workflow to its last successful task, without the messages that arrived since')
    .requiredOption('--reason <text>', 'goes into the ledger')
    .option('--to-event <number>', 'resets it to the last successful task up to this event of its history')
    .action(async (workflowId: string, { reason, toEvent }: RepairOptions) => {
      const ask = { workflowId, reason, ...(toEvent !== undefined && { toEvent: Number(toEvent) }) };
      const said = await session.api.post<{ event: number; runId: string }>('/v1/stalls/repair', ask);
      session.show(said, ({ event, runId }) => `${workflowId} continues from event ${event}, as run ${runId}`);
    });
}

const stallsText = (stalls: readonly Stall[]): string =>
  table(
    ['workflow', 'what fails', 'times', 'since', 'why'],
    stalls.map(({ workflowId, what, attempts, since, reason }) => [
      workflowId,
      what,
      String(attempts),
      when(since),
      plain(reason),
    ]),
    'nothing is stuck',
  );
