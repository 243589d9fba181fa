import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addApproval } from './approval.ts';
import { addAudit } from './audit.ts';
import { addCalendar } from './calendar.ts';
import { addCatalogue } from './catalogue.ts';
import { addDeployment } from './deployment.ts';
import { addFreeze } from './freeze.ts';
import { addAlert } from './alert.ts';
import { addIncident } from './incident.ts';
import { addProblem } from './problem.ts';
import { addInbox } from './inbox.ts';
import { CommandFailure, renamed } from './failure.ts';
import { addMachine } from './machine.ts';
import { addMetric } from './metric.ts';
import { addPattern } from './pattern.ts';
import { addPlan } from './plan.ts';
import { printFailure } from './print.ts';
import { addReadiness } from './readiness.ts';
import { addReport } from './report.ts';
import { addRoutine } from './routine.ts';
import { addSchedule } from './schedule.ts';
import { createSession, type Session } from './session.ts';
import { addObjective } from './objective.ts';
import { addService } from './service.ts';
import { addSignal } from './signal.ts';
import { addStall } from './stall.ts';
import { addTask } from './task.ts';
import { addSupplier } from './supplier.ts';
import { addTransition } from './transition.ts';
import { addToken } from './token.ts';

const more = `
Connection:
  EVENKEEL_URL       where Evenkeel is (default: the one in the state folder, or http://127.0.0.1:7480)
  EVENKEEL_TOKEN     who you are (default, on this machine: the admin token in the state folder)
  EVENKEEL_STATE_DIR the state folder
  NO_COLOR           no colours

Exit codes:
  0  done
  1  failed or refused
  2  usage: wrong command, option, or value
  3  already running, or not running (start, status, stop)
  4  not signed in, or not allowed
  5  not found
  6  conflict: not possible in the current state, or changed meanwhile
  7  not reachable, or unable to store anything now`;

/** Runs one command line and returns the exit code; what went wrong is said on stderr. */
export async function run(argv: readonly string[]): Promise<number> {
  const session = createSession(() => program.opts<{ json?: true }>().json === true);
  const program = createProgram(session);
  let asked = program;
  program.hook('preAction', (_, command) => void (asked = command));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return isHelp(error) ? 0 : 2;
    return printFailure(error instanceof CommandFailure ? renamed(error, (field) => optionOf(field, asked)) : error);
  }
}

/** Options that the API has another word for. */
const otherWords: Record<string, string> = { name: 'service', answers: 'set' };

/** The option that filled in a field of the request; the field itself where an argument did. */
const optionOf = (field: string, { options }: Command): string => {
  const [first = ''] = field.split('.');
  const option = [first, otherWords[first]].flatMap(
    (word) => options.find((candidate) => candidate.attributeName() === word) ?? [],
  )[0];
  return option?.long ?? field;
};

/** Asked for; help that is shown because a verb is missing is another code. */
const isHelp = ({ code }: CommanderError): boolean =>
  code === 'commander.helpDisplayed' || code === 'commander.version';

/** All verbs, in their groups. */
export function createProgram(session: Session): Command {
  const program = new Command('evenkeel')
    .description('Operations that teams trust with production: plans, approvals, runbooks and an audit trail.')
    .version(versionOf(), '--version', 'prints the version')
    .option('--json', 'prints the answer of the API, for programs')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'evenkeel: ')),
    })
    .showHelpAfterError('Add --help to see the commands and their options')
    .exitOverride()
    .addHelpText('after', more);

  program.commandsGroup('This machine:');
  addMachine(program, session);
  program.commandsGroup('Plans and people:');
  addPlan(program, session);
  addIncident(program, session);
  addProblem(program, session);
  addApproval(program, session);
  addTask(program, session);
  addReadiness(program, session);
  addRoutine(program, session);
  addFreeze(program, session);
  program.commandsGroup('On call:');
  addSchedule(program, session);
  addCalendar(program, session);
  program.commandsGroup('What comes in:');
  addDeployment(program, session);
  addTransition(program, session);
  addAlert(program, session);
  addInbox(program, session);
  addStall(program, session);
  program.commandsGroup('Figures:');
  addMetric(program, session);
  addPattern(program, session);
  addReport(program, session);
  addObjective(program, session);
  addSignal(program, session);
  program.commandsGroup('Catalogue:');
  addCatalogue(program, session);
  addService(program, session);
  addSupplier(program, session);
  program.commandsGroup('Trust:');
  addAudit(program, session);
  addToken(program, session);
  return program;
}

const versionOf = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};
