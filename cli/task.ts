import { assigneeText } from '../domain/assignee.rules.ts';
import type { Command } from 'commander';
import type { CommandState } from '../api/commands.ts';
import type { StepSaid } from '../domain/step-try.ts';
import type { Task } from '../domain/task.ts';
import { answerText, failingText } from '../domain/task.rules.ts';
import { type Query, route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { facts, plain, plainLines, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listOfRecords, reasonOption } from './verb.ts';

/** `evenkeel task`: work that waits for a person. */
export function addTask(program: Command, session: Session): void {
  const task = program.command('task').description('tasks: work for people');

  listOfRecords(task, 'lists the tasks of your teams and your own, newest first').action((query: Query) =>
    session.list('/v1/tasks', query, tasksText),
  );

  task
    .command('show <id>')
    .description('shows a task with its instructions and its form')
    .action((id: string) => session.get(route`/v1/tasks/${id}`, taskText));

  task
    .command('complete <id>')
    .description('reports a task as done, or with --failed as not possible')
    .option('--set <field=value...>', 'answers to the form')
    .option('--failed', 'reports that it could not be done')
    .option('--reason <text>', 'why; required with --failed')
    .action(async (id: string, options: { set?: string[]; failed?: true; reason?: string }) => {
      if (options.failed && !options.reason) throw new CommandFailure(2, 'say why it failed, with --reason');
      const set = options.set ?? [];
      const form = set.length === 0 ? [] : (await session.api.get<Task>(route`/v1/tasks/${id}`)).form;
      const answer = {
        result: options.failed ? 'failed' : 'done',
        answers: answersFor(form, set),
        reason: options.reason ?? '',
      };
      const said = await session.api
        .command<CommandState>(route`/v1/tasks/${id}/complete`, answer)
        .catch((error: unknown) => {
          if (!(error instanceof CommandFailure) || error.details.status !== 422) throw error;
          const hint = `See its form with evenkeel task show ${id}, and answer with --set field=value`;
          throw new CommandFailure(error.exitCode, error.message, { hint, cause: error });
        });
      session.receipt(said, options.failed ? 'The task has failed' : 'The task is done');
    });

  task
    .command('reassign <id>')
    .description('gives the task of a person to another one; both are notified')
    .requiredOption('--to <person>', 'who shall do it')
    .requiredOption(...reasonOption)
    .action(async (id: string, asked: { to: string; reason: string }) => {
      const said = await session.api.command<CommandState>(route`/v1/tasks/${id}/reassign`, asked);
      session.receipt(said, `The task is given to ${asked.to}`);
    });
}

/** Reads `field=value` as the form says: text as it is, numbers and booleans converted. Says all that is wrong at once. */
const answersFor = (form: Task['form'], set: readonly string[]): NonNullable<Task['answers']> => {
  const read = set.map((text) => answerFor(form, text));
  const faults = read.flatMap((answer) => ('fault' in answer ? [`--set ${answer.fault}`] : []));
  if (faults.length > 1) throw new CommandFailure(2, `${faults.length} answers are not valid`, { errors: faults });
  if (faults[0] !== undefined) throw new CommandFailure(2, faults[0]);
  return Object.fromEntries(read.flatMap((answer) => ('fault' in answer ? [] : [[answer.field, answer.value]])));
};

type Answer = { field: string; value: string | number | boolean } | { fault: string };

const answerFor = (form: Task['form'], text: string): Answer => {
  const [field = '', written] = text.split(/=(.*)/s);
  if (written === undefined) return { fault: `${text}: expected field=value` };
  const question = form.find((asked) => asked.field === field);
  if (!question) {
    const known = form.map((asked) => asked.field).join(', ') || 'none';
    return { fault: `${text}: the form has no field ${field} (fields: ${known})` };
  }
  const value = converted(question, written);
  if (value !== undefined) return { field, value };
  const words = question.type === 'boolean' ? ' (or true or false)' : '';
  return { fault: `${text}: expected ${answerText[question.type]}${words}` };
};

const converted = ({ type }: Task['form'][number], value: string): string | number | boolean | undefined => {
  if (type === 'text') return value;
  if (type === 'number') return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined;
  if (/^(?:true|yes)$/i.test(value)) return true;
  return /^(?:false|no)$/i.test(value) ? false : undefined;
};

const said = (answer: string | number | boolean | undefined): string =>
  typeof answer === 'boolean' ? (answer ? 'yes' : 'no') : String(answer ?? '');

const tasksText = (tasks: readonly Task[]): string =>
  table(
    ['id', 'status', 'belongs to', 'title', 'for', 'due'],
    tasks.map((task) => [
      plain(task.id),
      status(task.status),
      plain(task.belongsTo),
      plain(task.title),
      assigneeText(task.assignee),
      task.status === 'open' ? when(task.dueAt) : '',
    ]),
    'no tasks',
  );

const taskText = (task: Task & { said?: StepSaid[] }): string => {
  const questions = task.form.map(({ field, type, label, required, failsWhen }) => [
    field,
    `${type === 'boolean' ? answerText.boolean : type}${required ? '' : ', optional'}`,
    plain(label) + failingText(failsWhen),
    plain(said(task.answers?.[field])),
  ]);
  return [
    plain(task.title),
    facts([
      ['id', plain(task.id)],
      ['status', status(task.status)],
      ['for', assigneeText(task.assignee)],
      ...(task.reassigned ?? []).map(
        ({ from, to, by, reason, at }) =>
          ['reassigned', plain(`${from} to ${to}, by ${by}, ${when(at)}: ${reason}`)] as const,
      ),
      ['belongs to', plain(task.belongsTo)],
      ['place', task.place.activity + (task.place.of === 'step' ? `/${task.place.step}` : '')],
      ['due', task.status === 'open' ? when(task.dueAt) : undefined],
      ['closed', task.closedBy && `${task.closedBy.name}, ${when(task.closedAt)}`],
    ]),
    ...(task.instructions === '' ? [] : ['', plainLines(task.instructions.trimEnd())]),
    ...(task.said ?? []).flatMap(({ step, detail, output }) => [
      '',
      `output of ${plain(`${step}: ${detail}`)}`,
      plainLines(output).replaceAll(/^/gm, '  '),
    ]),
    ...(questions.length === 0 ? [] : ['', table(['field', 'type', 'question', 'answer'], questions)]),
  ].join('\n');
};
