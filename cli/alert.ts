import type { Command } from 'commander';
import type { ShownAlert } from '../api/routes/alert.ts';
import { route } from './api.ts';
import { plain, short, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb, reasonOption } from './verb.ts';

/** `evenkeel alert`: what sources have told of. */
export function addAlert(program: Command, session: Session): void {
  const alert = program.command('alert').description('alerts: what sources have told of');

  listVerb(alert, 'lists the alerts of your teams, those seen first last')
    .option('--state <state>', 'firing, ended, flapping or shelved')
    .option('--class <class>', 'informational, warning or exception')
    .option('--service <name>')
    .option('--environment <name>')
    .option('--source <name>')
    .option('--incident <number>')
    .option('--gap', 'those that belong to no service alone')
    .action(({ gap, ...query }: Record<string, string> & { gap?: true }) =>
      session.list('/v1/alerts', { ...query, ...(gap && { gap: 'true' }) }, alertsText),
    );
  addShelving(alert, session);
}

/** Verbs that take an alert off people's minds, and back. */
const addShelving = (alert: Command, session: Session): void => {
  alert
    .command('shelve <fingerprint>')
    .description('pages nobody for an alert until then')
    .requiredOption('--until <instant>', 'such as 2026-11-29T08:00:00Z, at most 30 days ahead')
    .requiredOption(...reasonOption)
    .action(async (fingerprint: string, options: object) =>
      session.show(
        await session.api.post<ShownAlert>(route`/v1/alerts/${fingerprint}/shelve`, options),
        ({ shelvedUntil }) => `Shelved until ${when(shelvedUntil)}`,
      ),
    );
  alert
    .command('unshelve <fingerprint>')
    .description('takes an alert off the shelf')
    .requiredOption(...reasonOption)
    .action(async (fingerprint: string, options: object) =>
      session.show(
        await session.api.post<ShownAlert>(route`/v1/alerts/${fingerprint}/unshelve`, options),
        () => 'It counts as it stands',
      ),
    );
};

const alertsText = (alerts: readonly ShownAlert[]): string =>
  table(
    ['alert', 'severity', 'state', 'service', 'title', 'count', 'incident', 'held by', 'since', 'gap', 'note'],
    alerts.map((alert) => [
      alert.fingerprint,
      alert.severity,
      status(alert.isFlapping ? 'flapping' : alert.isFiring ? 'firing' : 'ended'),
      plain(alert.service ?? ''),
      short(alert.title),
      String(alert.count),
      alert.incident === null ? '' : String(alert.incident),
      plain(alert.heldBy ?? ''),
      when(alert.firingSince),
      plain(alert.gap ?? ''),
      noteOf(alert),
    ]),
    'no alerts',
  );

const noteOf = ({ shelvedUntil }: ShownAlert): string =>
  shelvedUntil !== null && Date.parse(shelvedUntil) > Date.now() ? `shelved until ${when(shelvedUntil)}` : '';
