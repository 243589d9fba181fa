import type { Command } from 'commander';
import type { CommandState } from '../api/commands.ts';
import type { ShownIncident } from '../api/routes/incident/reads.ts';
import { route } from './api.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

/** Arguments and options of a verb, by their names. */
type Asked = Record<string, string | number | boolean | undefined> & { number: string };

/** What a person is told who asked. */
type Done = (asked: Asked, said: CommandState) => string | Promise<string>;

/** What may be asked of an incident. Each is a command: applied at once, or recorded until a worker is there. */
export function addIncidentCommands(incident: Command, session: Session): void {
  /** A verb whose request holds, beside the number in its path, its arguments and its options. */
  const verb = (usage: string, description: string, done: Done): Command => {
    const command = incident.command(usage).description(description);
    return command.action(async () => {
      const values = command.registeredArguments.map((argument, at) => [
        argument.name(),
        ['action', 'into', 'impact', 'urgency', 'problem'].includes(argument.name())
          ? Number(command.args[at])
          : command.args[at],
      ]);
      const asked = { ...Object.fromEntries(values), ...command.opts() } as Asked;
      const { number, failed, ...body } = asked;
      const path = `${route`/v1/incidents/${number}`}/${command.name()}`;
      const said = await session.api.command<CommandState>(
        path,
        failed === undefined ? body : { ...body, restored: false },
      );
      session.receipt(said, await done(asked, said));
    });
  };
  const withReason = (...said: Parameters<typeof verb>): Command => verb(...said).requiredOption(...reasonOption);

  verb('acknowledge <number>', 'you have it: nobody else is paged', ({ number }) => `You have incident ${number}`);
  withReason(
    'unacknowledge <number>',
    'nobody has it any more: the escalation begins again',
    ({ number }) => `Incident ${number} is paged again`,
  );
  verb('assign <number> <to>', 'names who works on it', ({ number, to }) => `${to} works on incident ${number}`).option(
    ...reasonOption,
  );
  withReason(
    'escalate <number>',
    'pages the next level now',
    ({ number }) => `The next level of incident ${number} is paged`,
  );
  withReason(
    'snooze <number>',
    'pages nobody until then',
    ({ number, until }) => `Incident ${number} is silent until ${until}`,
  ).requiredOption('--until <instant>', 'such as 2026-11-28T18:00:00Z, at most a day ahead');
  verb(
    'triage <number> <service>',
    'says which service it is about',
    ({ number, service }) => `Incident ${number} is about ${service}`,
  ).option('--environment <name>');
  withReason(
    'set-severity <number> <severity>',
    'changes the severity; a higher one pages anew',
    ({ number, severity }) => `Incident ${number} is ${severity}`,
  );
  verb(
    'prioritize <number> <impact> <urgency>',
    'says its impact and urgency, 1 to 3, of which 1 is high; the severity policy has the priority of each',
    ({ number, impact, urgency }) => `Incident ${number} has impact ${impact} and urgency ${urgency}`,
  )
    .option('--users <count>', 'how many users feel it, as far as is known', Number)
    .option(...reasonOption);
  verb(
    'set-role <number> <role> <person>',
    'gives somebody a role: commander, deputy, scribe, customer-liaison, internal-liaison',
    ({ number, role, person }) => `${person} is ${role} of incident ${number}`,
  ).option('--note <text>', 'what is handed over');
  verb(
    'mitigate <number> <strategy>',
    'says what is done to restore service: rollback, flag-off, failover, restart, scale, isolate, configuration-revert, data-restore, vendor, other',
    ({ number, strategy }) => `Incident ${number} is mitigated by ${strategy}`,
  ).option('--note <text>');
  withReason(
    'start-runbook <number> <runbook>',
    'runs a runbook that restores service',
    ({ number, runbook }) => `${runbook} is ordered for incident ${number}`,
  );
  withReason(
    'hold <number> <why>',
    'waits for somebody else: caller, vendor, change, problem, evidence',
    ({ number, until }) => `Incident ${number} is on hold until ${until}`,
  ).requiredOption('--until <instant>', 'when it is looked at again');
  withReason(
    'resume <number>',
    'goes on with what was on hold',
    ({ number }) => `Incident ${number} is worked on again`,
  );
  verb(
    'restore <number>',
    'users have the agreed level again',
    ({ number }) => `Incident ${number} is restored; it is watched`,
  )
    .option('--restored-at <instant>', 'when, if not now')
    .option('--note <text>');
  verb(
    'resolve <number>',
    'says how it was solved; refused while its alerts fire',
    ({ number }) => `Incident ${number} is resolved`,
  )
    .requiredOption('--solution <text>', 'what solved it')
    .option('--strategy <strategy>', 'what restored service, if that was not said before')
    .option('--code <code>', 'fixed, workaround or no-fault-found')
    .option('--restored-at <instant>', 'when service was back, if not now');
  withReason('reopen <number>', 'opens what was resolved again', ({ number }) => `Incident ${number} is open again`);
  withReason(
    'cancel <number> <code>',
    'it was none: false-positive, not-an-incident',
    ({ number }) => `Incident ${number} is cancelled`,
  );
  withReason(
    'merge <number> <into>',
    'it is the same as another one, which takes its alerts',
    ({ number, into }) => `Incident ${number} is merged into ${into}`,
  );
  withReason('split <number>', 'makes another incident of some of its alerts', async ({ number }, said) =>
    splitText(number, await splitInto(session, number, said)),
  )
    .requiredOption('--alerts <fingerprint...>', 'which: evenkeel alert list --incident NUMBER')
    .requiredOption('--title <title>', 'of the other incident');
  verb(
    'link <number>',
    'makes it a part of another one, its parent; neither moves with the other',
    ({ number, parent }) => `Incident ${number} is a part of incident ${parent}`,
  )
    .requiredOption('--parent <number>', 'an incident of the same team that has no parent', Number)
    .option(...reasonOption);
  verb('unlink <number>', 'takes its parent away', ({ number }) => `Incident ${number} has no parent`).option(
    ...reasonOption,
  );
  withReason(
    'request-review <number>',
    'asks for a review of what is resolved',
    ({ number }) => `Incident ${number} is reviewed`,
  );
  verb(
    'sign-review <number>',
    'signs the review that somebody else wrote, which closes the incident',
    ({ number }) => `Incident ${number} is closed`,
  );
  verb(
    'complete-action <number> <action>',
    'says that an action of the review is done',
    ({ action }) => `Action ${action} is done`,
  ).requiredOption('--note <text>', 'what was done');
  withReason('close <number>', 'closes what is resolved', ({ number }) => `Incident ${number} is closed`);
  verb(
    'report-status <number> <text>',
    'tells the stakeholders how it stands',
    ({ number, public: isPublic }) =>
      `The stakeholders${isPublic ? ' and the public' : ''} of incident ${number} are told`,
  )
    .option('--public', 'publishes the text on the status pages of the service as well')
    .option('--public-title <text>', 'what the public calls the incident from now on');
  verb(
    'workaround <number> <problem>',
    'says that you applied the workaround of a known error by hand, which is counted',
    ({ number, problem }) => `The workaround of problem ${problem} is counted with incident ${number}`,
  )
    .option('--failed', 'it has not restored service')
    .option('--note <text>');
  verb('note <number> <text>', 'adds a note to the timeline', ({ number }) => `Noted on incident ${number}`).option(
    '--happened-at <instant>',
    'when it happened, if not now',
  );
}

/** The incident that was split off, if that has happened by now. */
const splitInto = async (session: Session, number: string, said: CommandState): Promise<number | undefined> => {
  if (session.isJson || said.state !== 'applied') return undefined;
  try {
    const { record } = await session.api.get<ShownIncident>(route`/v1/incidents/${number}`);
    return record?.splits?.find(({ command }) => command === said.command)?.into;
  } catch {
    // What was asked for is done all the same.
    return undefined;
  }
};

const splitText = (number: string, into: number | undefined): string =>
  into === undefined
    ? `Alerts of incident ${number} become another one, which it names in a moment: evenkeel incident show ${number}`
    : `Alerts of incident ${number} are incident ${into} now: evenkeel incident show ${into}`;
