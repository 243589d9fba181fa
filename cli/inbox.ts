import type { Command } from 'commander';
import type { ShownRow as Row } from '../domain/inbox.ts';
import { type Query, route } from './api.ts';
import { facts, note, plain, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb } from './verb.ts';

type ShownRow = Omit<Row, 'team'> & { team: string | null };

/** `evenkeel inbox`: what came in, and what became of it. */
export function addInbox(program: Command, session: Session): void {
  const inbox = program.command('inbox').description('inbox: what came in, and what happened to it');

  listVerb(inbox, 'lists what came in for your teams, by state')
    .option('--state <state>', 'gap (default), skipped, dead, parked, refused, accepted, delivered or applied')
    .action(async ({ state, ...query }: Query) => {
      const asked = { ...query, state: state ?? 'gap' };
      await session.list('/v1/inbox', asked, (rows: readonly ShownRow[]) => rowsText(rows, asked.state));
      if (state === undefined && !session.isJson) note('These are gaps; use --state for other states, such as dead');
    });

  inbox
    .command('show <id>')
    .description('shows what happened to something that was accepted')
    .action((id: string) => session.get(route`/v1/inbox/${id}`, rowText));

  inbox
    .command('redeliver <id>')
    .description('delivers a gap, or a skipped or parked row, again')
    .action(async (id: string) => {
      session.show(await session.api.post(route`/v1/inbox/${id}/redeliver`), () => `${id} is on its way again`);
    });
}

const reasonOf = ({ verdict }: ShownRow): string => plain(verdict?.reason ?? (verdict?.records ?? []).join(', '));

const rowsText = (rows: readonly ShownRow[], state: string): string =>
  table(
    ['id', 'state', 'name', 'source', 'received', 'why'],
    rows.map((row) => [
      row.id,
      status(row.state),
      plain(row.name),
      plain(row.source),
      when(row.receivedAt),
      reasonOf(row),
    ]),
    `nothing in the state ${plain(state)}`,
  );

const rowText = (row: ShownRow): string =>
  [
    `${row.id}  ${status(row.state)}`,
    facts([
      ['what', plain(`${row.kind} ${row.name}`)],
      ['source', plain(row.source)],
      ['by', plain(`${row.actor.type} ${row.actor.name}`)],
      ['team', row.team ?? undefined],
      ['received', when(row.receivedAt)],
      ['attempts', String(row.attempts)],
      ['body', `sha256 ${row.bodyHash}`],
      ['leads to', plain((row.verdict?.records ?? []).join(', '))],
      ['why', plain(row.verdict?.reason ?? '')],
    ]),
  ].join('\n');
