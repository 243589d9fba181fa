import type { Command } from 'commander';
import type { Override } from '../domain/override.ts';
import { route } from './api.ts';
import { plain, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

type Time = { from: string; until: string };
type Ask = Time & { person: string; reason: string };
type Swap = Ask & { theirFrom: string; theirUntil: string };

/** The verbs of `evenkeel schedule` by which people take over from each other. */
export function addOverrides(schedule: Command, session: Session): void {
  const ask = async (name: string, body: Ask & { inReturn?: Time }): Promise<void> =>
    session.show(await session.api.command<Override>(route`/v1/schedules/${name}/overrides`, body), askedText);

  asking(schedule, 'override <schedule>')
    .description('asks a person to be on call for a time; takes effect at once for yourself')
    .action((name: string, { from, until, person, reason }: Ask) => ask(name, { from, until, person, reason }));

  asking(schedule, 'swap <schedule>')
    .description('asks a person to take a time of yours and gives you one of theirs')
    .requiredOption('--their-from <instant>', 'when your turn for them begins')
    .requiredOption('--their-until <instant>', 'when it ends')
    .action((name: string, { theirFrom, theirUntil, from, until, person, reason }: Swap) =>
      ask(name, { from, until, person, reason, inReturn: { from: theirFrom, until: theirUntil } }),
    );

  schedule
    .command('overrides <schedule>')
    .description('lists what was asked of people, newest first')
    .action((name: string) => session.list(route`/v1/schedules/${name}/overrides`, {}, overridesText));

  const answers = [
    ['accept', 'accepts to be on call'],
    ['decline', 'declines to be on call'],
    ['withdraw', 'withdraws what you asked; what has passed of it stays'],
  ] as const;
  for (const [verb, description] of answers) {
    const command = schedule.command(`${verb} <override>`).description(description);
    if (verb !== 'accept') command.option(...reasonOption);
    command.action(async (id: string, options: object) => {
      const body = verb === 'accept' ? undefined : options;
      session.show(await session.api.post<Override>(route`/v1/overrides/${id}/${verb}`, body), answeredText);
    });
  }
}

const asking = (schedule: Command, verb: string): Command =>
  schedule
    .command(verb)
    .requiredOption('--person <person>', 'who shall be on call')
    .requiredOption('--from <instant>', 'from when, such as 2026-12-24T18:00:00Z')
    .requiredOption('--until <instant>', 'until when')
    .requiredOption(...reasonOption);

const timeText = ({ from, until }: Time): string => `from ${when(from)} until ${when(until)}`;

const askedText = (override: Override): string =>
  override.status === 'asked'
    ? `${override.person} is asked to be on call ${timeText(override)}; it counts once accepted: evenkeel schedule accept ${override.id}`
    : answeredText(override);

const answeredText = (override: Override): string => {
  switch (override.status) {
    case 'asked':
      return `${override.person} is asked`;
    case 'accepted':
      return `${override.person} is on call in ${override.schedule} ${timeText(override)}`;
    case 'declined':
      return `${override.person} has declined; nothing has changed`;
    case 'withdrawn':
      return 'withdrawn';
  }
};

const overridesText = (items: readonly Override[]): string =>
  table(
    ['id', 'status', 'person', 'from', 'until', 'asked by', 'in return', 'reason'],
    items.map((override) => [
      override.id,
      status(override.status),
      override.person,
      when(override.from),
      when(override.until),
      override.askedBy,
      override.inReturn ? timeText(override.inReturn) : '',
      plain(override.reason),
    ]),
    'nothing was asked',
  );
