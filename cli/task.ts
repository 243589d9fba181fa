import type { Command } from 'commander';
import type { CommandState } from '../api/commands.ts';
import type { StepSaid } from '../domain/step-try.ts';
import type { Task } from '../domain/task.ts';
import { failingText } from '../domain/task.rules.ts';
import { type Query, route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { facts, plain, plainLines, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listOfRecords, reasonOption } from './verb.ts';

/** `evenkeel task`: work that waits for a person. */
export function addTask(program: Command, session: Session): void {
  const task = program.command('task').description('tasks: work for people');

  listOfRecords(task, 'lists the tasks of your teams, newest first').action((query: Query) =>
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

/** Reads `field=value` as the form says: text as it is, numbers and booleans converted. */
const answersFor = (form: Task['form'], set: readonly string[]): NonNullable<Task['answers']> =>
  Object.fromEntries(
    set.map((text) => {
      const [field = '', value] = text.split(/=(.*)/s);
      if (value === undefined) throw new CommandFailure(2, `--set ${text}: expected field=value`);
      const question = form.find((asked) => asked.field === field);
      if (!question) {
        const known = form.map((asked) => asked.field).join(', ') || 'none';
        throw new CommandFailure(2, `--set ${text}: the form has no field ${field} (fields: ${known})`);
      }
      return [field, converted(question, value)];
    }),
  );

const converted = ({ field, type }: Task['form'][number], value: string): string | number | boolean => {
  if (type === 'text') return value;
  if (type === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  if (type === 'boolean' && /^(?:true|yes)$/i.test(value)) return true;
  if (type === 'boolean' && /^(?:false|no)$/i.test(value)) return false;
  throw new CommandFailure(2, `--set ${field}=${value}: expected ${type === 'number' ? 'a number' : 'true or false'}`);
};

const assigneeOf = ({ assignee }: Task): string => ('person' in assignee ? assignee.person : `team ${assignee.team}`);

const tasksText = (tasks: readonly Task[]): string =>
  table(
    ['id', 'status', 'belongs to', 'title', 'for', 'due'],
    tasks.map((task) => [
      plain(task.id),
      status(task.status),
      plain(task.belongsTo),
      plain(task.title),
      assigneeOf(task),
      task.status === 'open' ? when(task.dueAt) : '',
    ]),
    'no tasks',
  );

const taskText = (task: Task & { said?: StepSaid[] }): string => {
  const questions = task.form.map(({ field, type, label, required, failsWhen }) => [
    field,
    `${type}${required ? '' : ', optional'}`,
    plain(label) + failingText(failsWhen),
    plain(String(task.answers?.[field] ?? '')),
  ]);
  return [
    plain(task.title),
    facts([
      ['id', plain(task.id)],
      ['status', status(task.status)],
      ['for', assigneeOf(task)],
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
