import type { Command } from 'commander';
import type { Declared } from '../api/routes/incident/declare.ts';
import type { Rating } from '../domain/incident/rating.ts';
import type { ShownIncident } from '../api/routes/incident/reads.ts';
import { route } from './api.ts';
import { addIncidentCommands } from './incident-command.ts';
import { review } from './incident-review.ts';
import { addSimilar } from './incident-similar.ts';
import { timelineText } from './incident-timeline.ts';
import { incidentsText, incidentText } from './incident-view.ts';
import type { Session } from './session.ts';
import { listVerb } from './verb.ts';

/** `evenkeel incident`: looks at incidents and responds to them. */
export function addIncident(program: Command, session: Session): void {
  const incident = program.command('incident').description('incidents: declare, respond, restore');

  incident
    .command('declare <title>')
    .description('declares an incident; whoever is on call for it is paged')
    .option('--service <name>', 'what is broken')
    .option('--environment <name>')
    .option('--team <name>', 'who is to respond, where no service is named')
    .option('--severity <severity>', 'SEV-1 to SEV-5 (default: SEV-3)')
    .option('--kind <kind>', 'real, drill or backfilled')
    .option('--impact-at <instant>', 'since when users feel it')
    .option('--private-to <person...>', 'seen by these people and you alone; they are paged')
    .option('--follows <number>', 'the incident that was over when this came again', Number)
    .option('--key <key>', 'the Idempotency-Key, with which it is safe to repeat (default: a random one)')
    .action(async (title: string, { key, ...options }: { key?: string }) => {
      const said = await session.api.command<Declared>('/v1/incidents', { title, ...options }, key);
      session.show(said, ({ incident: number, accepted }) =>
        number === undefined
          ? `recorded; it becomes an incident as soon as it can (evenkeel inbox show ${accepted})`
          : `incident ${number}: evenkeel incident show ${number}`,
      );
    });

  listVerb(incident, 'lists the incidents of your teams, newest first')
    .option('--service <name>')
    .option('--environment <name>')
    .option('--severity <severity>')
    .option('--status <status>', 'such as triaged, investigating or resolved')
    .option('--open', 'those that are not over alone')
    .action(({ open, ...query }: Record<string, string> & { open?: true }) =>
      session.list('/v1/incidents', { ...query, ...(open && { open: 'true' }) }, incidentsText),
    );

  incident
    .command('show <number>')
    .description('shows an incident: who has it, who was paged, how its alerts stand')
    .action((number: string) =>
      session.get(route`/v1/incidents/${number}`, (said: ShownIncident) => incidentText(said)),
    );

  incident
    .command('timeline <number>')
    .description('says who did what, and what happened, one sentence each; `evenkeel audit show` has the whole ledger')
    .action((number: string) => session.get(route`/v1/incidents/${number}/audit`, timelineText));

  incident
    .command('review <number>')
    .description('opens the review in your editor as Markdown, and takes it back')
    .option('--file <path>', 'takes it from a file instead')
    .option('--print', 'prints it instead')
    .action((number: string, options: { file?: string; print?: boolean }) => review(session, number, options));

  addIncidentCommands(incident, session);
  addSimilar(incident, session);

  incident
    .command('rate <number> <score>')
    .description('says how well it was handled, from 1 (poor) to 5 (good); a later rating of yours replaces it')
    .option('--comment <text>', 'why')
    .action(async (number: string, score: string, options: { comment?: string }) => {
      const path = route`/v1/incidents/${number}/rate`;
      const said = await session.api.command<Rating>(path, { score: Number(score), ...options });
      session.show(said, (rating) => `You rate incident ${number} ${rating.score} of 5`);
    });
}
