import { z } from 'zod';
import { CalendarFeed, numberedShifts } from '../../domain/calendar-feed.ts';
import { sha256 } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { type CalendarEvent, calendarText } from '../../domain/icalendar.ts';
import { Name } from '../../domain/name.ts';
import { holdsIn } from '../../domain/team.rules.ts';
import type { ScheduleSpec } from '../../domain/schedule.ts';
import { demandPerson } from '../access.ts';
import type { Context } from '../context.ts';
import { mayHaveKey, requestId } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const dayMs = 86_400_000;
const [daysBack, daysAhead] = [14, 90];

const Create = z.union([
  z.strictObject({ schedule: Name.meta({ description: 'All shifts of this schedule' }) }),
  z.strictObject({ person: z.literal('me').meta({ description: 'Your own shifts in all schedules' }) }),
]);

/** Calendars for the programs in which people keep theirs: an address that shows shifts, to whoever has it, and no more. */
export const calendarOperations = ({ stores, recent }: Context): Untagged[] => {
  /** A calendar ends with the membership of its owner. */
  const isMember = async (name: string): Promise<boolean> => {
    const person = await recent.find('Person', name);
    if (!person || person.auditor) return person !== undefined;
    return (await recent.list('Team')).some(({ spec }) => holdsIn(spec, name, 'viewer'));
  };

  const eventsOf = async (
    { of }: CalendarFeed,
    schedules: readonly { name: string; spec: ScheduleSpec }[],
    now: number,
  ): Promise<CalendarEvent[]> => {
    const today = Math.floor(now / dayMs) * dayMs;
    const events = schedules.map(async ({ name, spec }) => {
      const { count: sequence, lastAt: stamp } = await stores.schedules.changes(name);
      return numberedShifts(name, spec, today - daysBack * dayMs, today + daysAhead * dayMs)
        .filter(({ person }) => !('person' in of) || of.person === person)
        .map(({ uid, person, from, until, isOpenEnded }) => ({
          uid,
          sequence,
          stamp,
          from,
          until,
          summary: 'person' in of ? `On call: ${name}` : `${person}: on call for ${name}`,
          ...(isOpenEnded && { description: `There is no handoff: ${person} stays on call after this shift.` }),
        }));
    });
    return (await Promise.all(events)).flat();
  };

  return [
    operation({
      id: 'createCalendar',
      route: 'POST /v1/calendars',
      summary: 'Creates a calendar of a schedule or of your own shifts; its address is shown only once',
      role: 'holder',
      headers: mayHaveKey,
      body: Create,
      answer: {
        status: 201,
        description: 'The calendar with the path of its address',
        schema: z.object({ calendar: CalendarFeed, path: z.string() }),
      },
      async handle({ body, access, headers }) {
        demandPerson(access, 'only a person with a personal token has calendars');
        const owner = access.actor.name;
        if (!(await isMember(owner))) throw new DomainError('not-allowed', `${owner} is in no team`);
        if ('schedule' in body && !(await recent.find('Schedule', body.schedule)))
          throw new DomainError('invalid', `there is no schedule ${body.schedule}`, 'schedule');
        const of = 'schedule' in body ? body : { person: owner };
        const id = requestId('createCalendar', { access, headers });
        const { feed, secret } = await stores.calendarFeeds.create(
          id,
          of,
          owner,
          access.actor,
          new Date().toISOString(),
        );
        return { body: { calendar: feed, path: `/v1/calendars/${secret}.ics` } };
      },
    }),
    operation({
      id: 'listCalendars',
      route: 'GET /v1/calendars',
      summary: 'Lists your calendars without their addresses, newest first; for the first admin those of all',
      role: 'holder',
      answer: allOf('The latest 200 that are not revoked', CalendarFeed),
      handle: async ({ access }) => ({ body: { items: await stores.calendarFeeds.list(ownerOf(access)) } }),
    }),
    operation({
      id: 'readCalendar',
      route: 'GET /v1/calendars/{token}.ics',
      summary: `Reads a calendar as iCalendar, from ${daysBack} days ago to ${daysAhead} days from now; the address is the secret`,
      role: 'anyone',
      params: z.strictObject({ token: z.string().max(200) }),
      answer: {
        status: 200,
        description: 'The calendar',
        schema: z.string(),
        contentType: 'text/calendar',
        headers: { ETag: 'Changes with the calendar: what If-None-Match names is answered with 304' },
      },
      async handle({ params: { token } }) {
        const feed = await stores.calendarFeeds.find(token);
        const isLiving = feed !== undefined && (await isMember(feed.owner));
        const schedules = isLiving ? (await stores.schedules.list()).filter(({ name }) => has(feed.of, name)) : [];
        if (!isLiving || ('schedule' in feed.of && schedules.length === 0))
          throw new DomainError('not-found', 'there is no such calendar: it may have been revoked');
        const name = 'schedule' in feed.of ? `On call: ${feed.of.schedule}` : `On call: ${feed.of.person}`;
        const body = calendarText(name, await eventsOf(feed, schedules, Date.now()));
        return {
          body,
          headers: {
            'content-type': 'text/calendar; charset=utf-8',
            'cache-control': 'private, no-cache',
            etag: `"${sha256(body)}"`,
          },
        };
      },
    }),
    operation({
      id: 'revokeCalendar',
      route: 'POST /v1/calendars/{id}/revoke',
      summary: 'Revokes a calendar at once: one of yours; as the first admin, any',
      role: 'holder',
      params: z.strictObject({ id: z.uuid() }),
      answer: { status: 200, description: 'The calendar that was revoked', schema: CalendarFeed },
      async handle({ params: { id }, access }) {
        const at = new Date().toISOString();
        const body = await stores.calendarFeeds.revoke(id, ownerOf(access), access.actor, at);
        if (!body) throw new DomainError('not-found', `there is no calendar ${id}`);
        return { body };
      },
    }),
  ];
};

const has = (of: CalendarFeed['of'], schedule: string): boolean => 'person' in of || of.schedule === schedule;

/** Whose calendars somebody sees; the first admin sees all. */
const ownerOf = ({ actor, token }: Parameters<typeof demandPerson>[0]): string | undefined => {
  if (token.kind === 'bootstrap') return undefined;
  return token.kind === 'personal' ? actor.name : '';
};
