import type { Command } from 'commander';
import type { SaidDifference } from '../api/routes/incident/not-similar.ts';
import type { ShownIncident } from '../api/routes/incident/reads.ts';
import type { Opened } from '../api/routes/problem/open.ts';
import type { AllSimilar } from '../api/routes/incident/similar.ts';
import { route } from './api.ts';
import { plain, short, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

/** Verbs about what is like an incident. */
export function addSimilar(incident: Command, session: Session): void {
  incident
    .command('similar <number>')
    .description(
      'lists the incidents that are like it, the most alike first, with what resolved them and why they are like it',
    )
    .action((number: string) => session.get(route`/v1/incidents/${number}/similar`, similarText));

  incident
    .command('not-similar <number> <other>')
    .description('says that it is not the same as another one, which is remembered')
    .requiredOption(...reasonOption)
    .action(async (number: string, other: string, { reason }: { reason: string }) => {
      const path = route`/v1/incidents/${number}/not-similar`;
      const said = await session.api.command<SaidDifference>(path, { other: Number(other), reason });
      session.show(said, () => `Incident ${number} is not taken for incident ${other} any more`);
    });

  incident
    .command('open-problem <number>')
    .description('opens a problem of it, to find out why it happened')
    .option('--title <text>', 'what keeps happening, in one line (default: the title of the incident)')
    .option('--key <key>', 'the Idempotency-Key, with which it is safe to repeat (default: a random one)')
    .action((number: string, options: { title?: string; key?: string }) => openProblemOf(session, number, options));
}

/** Opens a problem of an incident: what it is about is known already. */
const openProblemOf = async (session: Session, number: string, { title, key }: { title?: string; key?: string }) => {
  const incident = await session.api.get<ShownIncident>(route`/v1/incidents/${number}`);
  const { service, team, record } = incident;
  const body = {
    title: title ?? incident.title,
    ...(service === null ? { team } : { service }),
    incidents: [incident.number],
    ...(record?.privateTo === undefined ? {} : { privateTo: record.privateTo }),
  };
  const said = await session.api.command<Opened>('/v1/problems', body, key);
  session.show(said, ({ problem, accepted }) =>
    problem === undefined
      ? `recorded; it becomes a problem as soon as it can (evenkeel inbox show ${accepted})`
      : `problem ${problem}: evenkeel problem show ${problem}`,
  );
};

const similarText = ({ items }: AllSimilar): string =>
  table(
    ['number', 'severity', 'status', 'service', 'detected', 'title', 'resolved by', 'why'],
    items.map((similar) => [
      String(similar.number),
      similar.severity,
      status(similar.status),
      plain(similar.service ?? ''),
      when(similar.detectedAt),
      short(similar.title),
      short(similar.solution ?? ''),
      plain(similar.why.join('; ')),
    ]),
    'no incident is like it',
  );
