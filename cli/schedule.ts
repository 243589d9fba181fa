import type { Command } from 'commander';
import type { Gap, OnCall, Shift } from '../api/routes/on-call.ts';
import { type Query, route } from './api.ts';
import { table, when } from './print.ts';
import type { Session } from './session.ts';
import { addOverrides } from './override.ts';

/** `evenkeel schedule` and `evenkeel oncall`: who is on call, and when nobody is. */
export function addSchedule(program: Command, session: Session): void {
  const schedule = program.command('schedule').description('schedules: who is on call when');

  schedule
    .command('who [schedule]')
    .description('shows who is on call, in one schedule or in each')
    .option('--at <instant>', 'then, such as 2026-12-24T18:00:00Z (default: now)')
    .action(async (name: string | undefined, query: Query) => {
      if (name === undefined) return session.list('/v1/on-call', query, onCallText);
      const said = await session.api.get<OnCall>(route`/v1/schedules/${name}/on-call`, query);
      session.show(said, ({ person, until }) =>
        person === null
          ? `nobody is on call in ${name}`
          : `${person}${until === undefined ? '' : ` until ${when(until)}`}`,
      );
    });

  schedule
    .command('show <schedule>')
    .description('lists the shifts of a schedule')
    .option('--from <instant>', 'from then on (default: now)')
    .option('--until <instant>', 'up to then, at most 92 days later (default: 14 days after --from)')
    .action((name: string, { from = new Date().toISOString(), until = daysAfter(from) }: Query) =>
      session.list(route`/v1/schedules/${name}/shifts`, { from, until }, shiftsText),
    );

  addOverrides(schedule, session);

  program
    .command('oncall')
    .description('on call: what is missing')
    .command('gaps')
    .description('lists the times to come in which nobody is on call')
    .option('--days <number>', 'how far to look, up to 92', '14')
    .action((query: Query) => session.list('/v1/on-call/gaps', query, gapsText));
}

/** What is no instant is left for the API to refuse. */
const daysAfter = (from: string): string => {
  const at = Date.parse(from);
  return Number.isNaN(at) ? from : new Date(at + 14 * 86_400_000).toISOString();
};

const onCallText = (items: readonly OnCall[]): string =>
  table(
    ['schedule', 'on call', 'until'],
    items.map(({ schedule, person, until }) => [schedule, person ?? 'nobody', when(until)]),
    'no schedules',
  );

const shiftsText = (items: readonly Shift[]): string =>
  table(
    ['from', 'until', 'person', 'by'],
    items.map(({ from, until, person, layer }) => [
      when(from),
      when(until),
      person,
      layer === 'override' ? layer : `layer ${layer}`,
    ]),
    'nobody is on call in this time',
  );

const gapsText = (items: readonly Gap[]): string =>
  table(
    ['schedule', 'from', 'until'],
    items.map(({ schedule, from, until }) => [schedule, when(from), when(until)]),
    'no gaps: somebody is always on call',
  );
