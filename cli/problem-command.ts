import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import type { CommandState } from '../api/commands.ts';
import { route } from './api.ts';
import { CommandFailure } from './failure.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

type Given = Record<string, string | string[] | boolean | number | undefined>;

/** What may be asked of a problem. Each is a command: applied at once, or recorded until a worker is there. */
export function addProblemCommands(problem: Command, session: Session): void {
  /** A verb that asks for `ask`, with a body that is made of its arguments and options. */
  const verb = (
    usage: string,
    description: string,
    {
      ask,
      bodyOf = (given) => given,
      done,
    }: { ask?: string; bodyOf?: (given: Given) => object; done: (given: Readonly<Record<string, string>>) => string },
  ): Command => {
    const command = problem.command(usage).description(description);
    return command.action(async () => {
      const values = command.registeredArguments.map((argument, at) => [argument.name(), command.args[at]]);
      const { number, ...given } = { ...Object.fromEntries(values), ...command.opts() } as Given & { number: string };
      const path = `${route`/v1/problems/${number}`}/${ask ?? command.name()}`;
      const said = await session.api.command<CommandState>(path, bodyOf(given));
      session.receipt(said, done({ number, ...given }));
    });
  };
  const withReason = (...said: Parameters<typeof verb>): Command => verb(...said).requiredOption(...reasonOption);
  const numbered =
    (...names: string[]) =>
    (given: Given): object =>
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, names.includes(name) ? Number(value) : value]),
      );

  verb('assess <number> <impact> <urgency>', 'says its impact and urgency, 1 to 3, of which 1 is high', {
    bodyOf: numbered('impact', 'urgency'),
    done: ({ number, impact, urgency }) => `Problem ${number} has impact ${impact} and urgency ${urgency}`,
  }).option(...reasonOption);
  verb('assign <number> <to>', 'names who answers for it; once it is assessed they investigate', {
    done: ({ number, to }) => `${to} answers for problem ${number}`,
  }).option(...reasonOption);
  verb('link <number> <incident>', 'an incident is one of these', {
    bodyOf: ({ sameCause, ...given }) => ({
      ...numbered('incident')(given),
      ...(sameCause === true ? { isSameCause: true } : {}),
    }),
    done: ({ number, incident }) => `Incident ${incident} is one of problem ${number}`,
  })
    .option('--same-cause', 'after its fix: the fix has not helped')
    .option(...reasonOption);
  withReason('unlink <number> <incident>', 'an incident is none of these', {
    bodyOf: numbered('incident'),
    done: ({ number, incident }) => `Incident ${incident} is not one of problem ${number}`,
  });
  verb('claim <number> <text>', 'says something of it that can be shown to hold, such as a cause', {
    bodyOf: ({ evidence, ...given }) => ({ ...numbered('explains')(given), ...evidenceOf(evidence) }),
    done: ({ number }) => `Claimed of problem ${number}: evenkeel problem show ${number}`,
  })
    .option('--kind <kind>', 'why, is, is-not or event (default: why)')
    .option('--explains <claim>', 'the claim that it is a cause of')
    .option('--happened-at <instant>', 'of an event')
    .option('--confidence <confidence>', 'low, medium or high (default: low)')
    .option('--evidence <text...>', 'what speaks for it');
  withReason('judge-claim <number> <claim> <status>', 'says whether a claim holds: supported, refuted or open', {
    bodyOf: ({ evidence, ...given }) => ({ ...numbered('claim')(given), ...evidenceOf(evidence) }),
    done: ({ claim, status }) => `Claim ${claim} is ${status}`,
  })
    .option('--confidence <confidence>', 'low, medium or high')
    .option('--evidence <text...>', 'what shows it');
  verb('known-error <number> <file>', 'publishes its cause, and what helps until it is gone, from a YAML file', {
    ask: 'publish-known-error',
    bodyOf: ({ file }) => ({ document: documentIn(String(file)) }),
    done: ({ number }) => `The known error of problem ${number} is published`,
  });
  verb('action <number> <text>', 'plans what is to be done about it', {
    ask: 'add-action',
    bodyOf: (action) => ({ action }),
    done: ({ number, owner }) => `${owner} has an action of problem ${number}: evenkeel problem show ${number}`,
  })
    .requiredOption('--owner <person>')
    .requiredOption('--due-on <day>', 'such as 2027-01-31')
    .requiredOption('--strength <strength>', 'eliminate, automate, detect or document: the first is the strongest')
    .option('--kind <kind>', 'prevent, detect, mitigate or process (default: prevent)')
    .option('--reference <text>', 'where it is tracked')
    .option('--plan <id>', 'the operation plan that brings it to live');
  verb('start-action <number> <action>', 'work on an action has begun', {
    bodyOf: numbered('action'),
    done: ({ action }) => `Action ${action} is in progress`,
  }).option('--plan <id>', 'the operation plan that brings it to live');
  verb('complete-action <number> <action>', 'an action is done; after the last one its effect is measured', {
    bodyOf: numbered('action'),
    done: ({ action }) => `Action ${action} is done`,
  }).requiredOption('--note <text>', 'what was done');
  withReason('drop-action <number> <action>', 'an action is not done after all', {
    bodyOf: numbered('action'),
    done: ({ action }) => `Action ${action} is dropped`,
  });
  withReason('accept-risk <number>', 'asks to live with it until a date; somebody else has to agree', {
    done: ({ number, until }) =>
      `Asked to accept the risk of problem ${number} until ${until}: evenkeel approval list --belongs-to problem/${number}`,
  }).requiredOption('--until <instant>', 'a year ahead at most');
  withReason('close <number> <resolution>', 'it is a duplicate, or nobody can make it happen (cannot-reproduce)', {
    bodyOf: numbered('duplicateOf'),
    done: ({ number }) => `Problem ${number} is closed`,
  }).option('--duplicate-of <number>', 'the problem that it is the same as');
  verb('note <number> <text>', 'adds a note', { done: ({ number }) => `Noted on problem ${number}` });
}

const evidenceOf = (evidence: Given[string]): object =>
  Array.isArray(evidence) ? { evidence: evidence.map((text) => ({ text })) } : {};

/** What a YAML file holds. */
const documentIn = (file: string): unknown => {
  try {
    return parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new CommandFailure(2, `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
};
