import type { Command } from 'commander';
import type { Opened } from '../api/routes/problem/open.ts';
import type { ShownProblem } from '../api/routes/problem/reads.ts';
import { route } from './api.ts';
import { addProblemCommands } from './problem-command.ts';
import { problemTimelineText } from './problem-timeline.ts';
import { problemsText, problemText } from './problem-view.ts';
import type { Session } from './session.ts';
import { listVerb } from './verb.ts';

/** `evenkeel problem`: looks at problems and works on them. */
export function addProblem(program: Command, session: Session): void {
  const problem = program.command('problem').description('problems: investigate what keeps happening, and remove it');

  problem
    .command('open <title>')
    .description('opens a problem: something keeps happening, or may')
    .option('--service <name>', 'what it is about')
    .option('--environment <name>')
    .option('--team <name>', 'who is to find out, where no service is named')
    .option('--identification <how>', 'reactive, recurrence, statistical or proactive (default: reactive)')
    .option('--incidents <number...>', 'that it is about')
    .option('--private-to <person...>', 'seen by these people and you alone')
    .option('--follows <number>', 'the problem that was closed when this came again', Number)
    .option('--key <key>', 'the Idempotency-Key, with which it is safe to repeat (default: a random one)')
    .action(async (title: string, { key, incidents, ...options }: { key?: string; incidents?: string[] }) => {
      const body = { title, ...options, ...(incidents && { incidents: incidents.map(Number) }) };
      const said = await session.api.command<Opened>('/v1/problems', body, key);
      session.show(said, ({ problem: number, accepted }) =>
        number === undefined
          ? `recorded; it becomes a problem as soon as it can (evenkeel inbox show ${accepted})`
          : `problem ${number}: evenkeel problem show ${number}`,
      );
    });

  listVerb(problem, 'lists the problems of your teams, newest first')
    .option('--service <name>')
    .option('--environment <name>')
    .option('--status <status>', 'such as investigating, known-error or verifying')
    .option('--open', 'those that are not closed alone')
    .action(({ open, ...query }: Record<string, string> & { open?: true }) =>
      session.list('/v1/problems', { ...query, ...(open && { open: 'true' }) }, problemsText),
    );

  problem
    .command('show <number>')
    .description('shows a problem: its claims, its actions, and what the numbers say of its fix')
    .action((number: string) => session.get(route`/v1/problems/${number}`, (said: ShownProblem) => problemText(said)));

  problem
    .command('timeline <number>')
    .description('says who did what, and what was found, one sentence each; `evenkeel audit show` has the whole ledger')
    .action((number: string) => session.get(route`/v1/problems/${number}/audit`, problemTimelineText));

  addProblemCommands(problem, session);
}
