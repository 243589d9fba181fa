import type { Command } from 'commander';
import type { CalendarFeed } from '../domain/calendar-feed.ts';
import { findConnection, route } from './api.ts';
import { asJson, note, say, table, when } from './print.ts';
import type { Session } from './session.ts';

/** `evenkeel calendar`: shifts in the program in which people keep their calendar. */
export function addCalendar(program: Command, session: Session): void {
  const calendar = program.command('calendar').description('calendars: shifts for other programs, by a secret address');

  calendar
    .command('create')
    .description('creates a calendar and prints its address, once, alone on stdout')
    .option('--schedule <schedule>', 'of this schedule (default: your own shifts in all schedules)')
    .action(async ({ schedule }: { schedule?: string }) => {
      const ask = schedule === undefined ? { person: 'me' } : { schedule };
      const said = await session.api.post<{ calendar: CalendarFeed; path: string }>('/v1/calendars', ask);
      if (session.isJson) return say(asJson(said));
      say(new URL(said.path, findConnection().url).href);
      note('Whoever has the address can read the calendar. It is not shown again; to end it:');
      note(`evenkeel calendar revoke ${said.calendar.id}`);
    });

  calendar
    .command('list')
    .description('lists your calendars without their addresses, newest first')
    .action(() => session.list('/v1/calendars', {}, calendarsText));

  calendar
    .command('revoke <id>')
    .description('revokes a calendar at once')
    .action(async (id: string) => {
      session.show(await session.api.post<CalendarFeed>(route`/v1/calendars/${id}/revoke`), () => `${id} is revoked`);
    });
}

const calendarsText = (items: readonly CalendarFeed[]): string =>
  table(
    ['id', 'of', 'owner', 'created', 'read'],
    items.map(({ id, of, owner, createdAt, lastUsedAt }) => [
      id,
      'schedule' in of ? `schedule ${of.schedule}` : `person ${of.person}`,
      owner,
      when(createdAt),
      when(lastUsedAt) || 'never',
    ]),
    'no calendars',
  );
