import type { Command } from 'commander';
import type { ShownAlert } from '../api/routes/alert.ts';
import { plain, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb } from './verb.ts';

/** `evenkeel alert`: what sources have told of. */
export function addAlert(program: Command, session: Session): void {
  const alert = program.command('alert').description('alerts: what sources have told of');

  listVerb(alert, 'lists the alerts of your teams, those seen first last')
    .option('--state <state>', 'firing or ended')
    .option('--class <class>', 'informational, warning or exception')
    .option('--service <name>')
    .option('--environment <name>')
    .option('--source <name>')
    .option('--incident <number>')
    .option('--gap', 'those that belong to no service alone')
    .action(({ gap, ...query }: Record<string, string> & { gap?: true }) =>
      session.list('/v1/alerts', { ...query, ...(gap && { gap: 'true' }) }, alertsText),
    );
}

const alertsText = (alerts: readonly ShownAlert[]): string =>
  table(
    ['severity', 'state', 'service', 'title', 'incident', 'since', 'gap'],
    alerts.map(({ severity, isFiring, service, title, incident, firingSince, gap }) => [
      severity,
      status(isFiring ? 'firing' : 'ended'),
      plain(service ?? ''),
      plain(title),
      incident === null ? '' : String(incident),
      when(firingSince),
      plain(gap ?? ''),
    ]),
    'no alerts',
  );
