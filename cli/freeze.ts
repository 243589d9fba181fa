import type { Command } from 'commander';
import type { Freeze } from '../domain/freeze.ts';
import { route } from './api.ts';
import { plain, table, when } from './print.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

/** `evenkeel freeze`: the emergency brake. */
export function addFreeze(program: Command, session: Session): void {
  const freeze = program.command('freeze').description('freezes: hold everything that has not begun');

  freeze
    .command('start')
    .description('holds what has not begun: of a service, in an environment, or everywhere')
    .option('--service <service>', 'only this one')
    .option('--environment <environment>', 'only there')
    .option('--for <duration>', 'when it ends by itself', '24h')
    .requiredOption(...reasonOption)
    .action(async (options: object) => {
      const said = await session.api.post<Freeze>('/v1/freezes', options);
      session.show(
        said,
        ({ id, until }) => `${placeOf(said)} is frozen until ${when(until)}: evenkeel freeze end ${id} --reason "…"`,
      );
    });

  freeze
    .command('end <id>')
    .description('ends a freeze early')
    .requiredOption(...reasonOption)
    .action(async (id: string, options: object) => {
      const said = await session.api.post<Freeze>(route`/v1/freezes/${id}/end`, options);
      session.show(said, () => `${placeOf(said)} is free again`);
    });

  freeze
    .command('list')
    .description('lists freezes, newest first')
    .action(async () => {
      const said = await session.api.get<{ items: Freeze[] }>('/v1/freezes');
      session.show(said, ({ items }) => freezesText(items));
    });
}

const placeOf = ({ service, environment }: Freeze): string =>
  service === undefined && environment === undefined
    ? 'everything'
    : [service, environment && `in ${environment}`].filter((part) => part !== undefined).join(' ');

const freezesText = (freezes: readonly Freeze[]): string =>
  table(
    ['id', 'what', 'since', 'until', 'by', 'reason'],
    freezes.map((freeze) => [
      freeze.id,
      placeOf(freeze),
      when(freeze.startedAt),
      when(freeze.endedAt ?? freeze.until),
      freeze.startedBy.name,
      plain(freeze.reason),
    ]),
    'no freezes',
  );
