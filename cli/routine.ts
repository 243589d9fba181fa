import type { Command } from 'commander';
import type { OrderedRoutine } from '../api/routes/routine/ask.ts';
import type { DueTime } from '../api/routes/routine/outlook.ts';
import type { ShownRoutine } from '../api/routes/routine/shown.ts';
import { route } from './api.ts';
import { plain, when } from './print.ts';
import { coverageText, orderedText, routinesText, routineText, runsText, timesText } from './routine-view.ts';
import type { Session } from './session.ts';
import { pagesOf, reasonOption } from './verb.ts';

type Options = Record<string, string>;

/** `evenkeel routine`: what is done again and again. */
export function addRoutine(program: Command, session: Session): void {
  const routine = program
    .command('routine')
    .description('routines: what is done again and again, and what became of it');

  routine
    .command('list')
    .description('lists routines, when each is due next and what became of its newest time')
    .action(() => session.get('/v1/routines', ({ items }: { items: ShownRoutine[] }) => routinesText(items)));

  routine
    .command('show <name>')
    .description('shows a routine: the services that it is for, when it is due, and whether somebody meddled with it')
    .action((name: string) => session.get(route`/v1/routines/${name}`, routineText));

  pagesOf(routine.command('history <name>').description('lists what became of each time of a routine, newest first'))
    .option('--status <status>', 'such as missed')
    .action((name: string, query: Options) => session.list(route`/v1/routines/${name}/runs`, query, runsText));

  routine
    .command('run <name>')
    .description('runs a routine now, for all of its services or for one')
    .option('--service <service>', 'only this one')
    .option('--environment <environment>', 'only there')
    .option('--key <key>', 'the Idempotency-Key, with which it is safe to repeat (default: a random one)')
    .action(async (name: string, { key, ...body }: Options & { key?: string }) => {
      const said = await session.api.command<OrderedRoutine>(route`/v1/routines/${name}/runs`, body, key);
      session.show(said, orderedText);
    });

  addPausing(routine, session);

  routine
    .command('next')
    .description('lists when routines are due next')
    .option('--within <duration>', 'how far to look ahead, at most 92d', '30d')
    .option('--routine <name>', 'only this one')
    .action(async (query: Options) => {
      const said = await session.api.get<{ items: DueTime[] }>('/v1/routine-times', query);
      session.show(said, ({ items }) => timesText(items));
    });

  routine
    .command('coverage')
    .description('shows what is to be done at intervals for each service, and whether a routine does it')
    .option('--service <service>', 'of this one')
    .option('--team <team>', 'of this team')
    .option('--all', 'also what is proven')
    .action(async ({ all, ...query }: Options & { all?: true }) => {
      const said = await session.api.get<Parameters<typeof coverageText>[0]>('/v1/routine-coverage', query);
      session.show(said, (coverage) => coverageText(coverage, all === true));
    });
}

const addPausing = (routine: Command, session: Session): void => {
  const saying = (verb: 'pause' | 'resume', description: string, text: (said: ShownRoutine) => string) =>
    routine
      .command(`${verb} <name>`)
      .description(description)
      .requiredOption(...reasonOption)
      .action(async (of: string, body: object) =>
        session.show(await session.api.post<ShownRoutine>(route`/v1/routines/${of}/${verb}`, body), text),
      );
  saying(
    'pause',
    'pauses a routine, whatever is applied meanwhile; its team is told of each time that is skipped',
    ({ name }) => `${plain(name)} is paused: evenkeel routine resume ${plain(name)} --reason "…"`,
  );
  saying('resume', 'resumes a routine; nothing of the pause is made up', ({ name, nextDueAt }) =>
    nextDueAt === null ? `${plain(name)} is not due again` : `${plain(name)} is due ${when(nextDueAt)}`,
  );
};
