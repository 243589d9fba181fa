import { assigneeText } from '../domain/assignee.rules.ts';
import { styleText } from 'node:util';
import type { Shown } from '../api/routes/operation-plan/reads.ts';
import { triggeredByText } from '../domain/login.rules.ts';
import type { Assignment, PlanActivity, PlanFacts } from '../domain/operation-plan.ts';
import type { RunbookRun, StepRun } from '../domain/runbook-run.ts';
import { failedTry } from '../domain/step-try.rules.ts';
import type { RunWithTries } from '../domain/step-try.ts';
import { endOf } from '../domain/text.ts';
import { saidRows } from './plan-said.ts';
import { decisionsOf } from './plan-decision.ts';
import { aligned, facts, plain, plainLines, span, status, when } from './print.ts';

/** A plan as the API shows it; the record is there as soon as the workflow has begun. */
export type ShownPlan = Omit<Shown, 'workflowId' | 'record'> & { record: PlanFacts | null };

const over = ['completed', 'undone', 'failed', 'rejected', 'cancelled'];

export const isOver = ({ status: now }: Pick<ShownPlan, 'status'>): boolean => over.includes(now);

/** The whole plan as text: how it stands, what is in its way, its activities with their steps, people and tasks. */
export function planText(plan: ShownPlan, runs: readonly RunWithTries[], now = Date.now()): string {
  const { record } = plan;
  const title = `${styleText('bold', plain(plan.id))}  ${statusText(plan)}`;
  if (!record) return [title, facts([['opened', when(plan.openedAt, now)]])].join('\n');
  const sections: [string, Rows][] = [
    ['stuck', plan.stalls.map(({ what, attempts, reason }) => [what, `${attempts} times`, plain(reason)])],
    ['waiting for a decision', decisionsOf(record, runs).map((line) => [plain(line)])],
    ['readiness', readinessRows(record, now)],
    ['activities', activityRows(record, runs, now)],
    ...runs.flatMap(saidByFailed),
    ['seats', record.assignments.map((seat) => seatRow(seat, now))],
    ['open tasks', taskRows(record, runs, now)],
    ['said', saidRows(record, runs, now)],
    ['deviations', record.deviations.map((text) => [plain(text)])],
    ['outcome', record.outcome === undefined ? [] : [[plain(record.outcome)]]],
  ];
  return [
    title,
    facts([...originOf(record), ...progressOf(record, now)]),
    ...sections.flatMap(([heading, rows]) =>
      rows.length === 0 ? [] : [styleText('bold', heading), aligned(rows, '  ')],
    ),
  ].join('\n');
}

type Rows = readonly (readonly string[])[];

/** The status, with what holds the plan. */
export const statusText = (plan: Pick<ShownPlan, 'status' | 'paused'> & { record?: PlanFacts | null }): string =>
  status(plan.status) +
  (plan.paused ? styleText('yellow', ' (paused)') : '') +
  (plan.record?.isCancelling === true && !isOver(plan) ? styleText('yellow', ' (is being cancelled)') : '');

type Facts = (readonly [string, string | undefined])[];

const originOf = ({
  service,
  environment,
  team,
  trigger,
  parameters,
  template,
  revision,
  digest,
}: PlanFacts): Facts => [
  ['service', `${service} in ${environment}, team ${team}`],
  ['artifact', 'artifact' in trigger ? plain(trigger.artifact) : undefined],
  ['trigger', plain(`${trigger.type}, by ${trigger.requester}, from ${trigger.source}`)],
  ...Object.entries(parameters).map(([name, value]): Facts[number] => [name, plain(String(value))]),
  ['triggered by', trigger.triggeredBy && plain(triggeredByText(trigger.triggeredBy))],
  ['link', trigger.link && plain(trigger.link)],
  ['note', trigger.note && plain(trigger.note)],
  ['template', template],
  ['revision', revision === 0 ? undefined : String(revision)],
  ['digest', digest],
];

const progressOf = (plan: PlanFacts, now: number): Facts => {
  const { approval, statusReport } = plan;
  const decideBy = approval?.status === 'open' ? `, decide by ${when(approval.deadlineAt, now)}` : '';
  const isRunning = plan.endedAt === undefined;
  return [
    ['opened', when(plan.openedAt, now)],
    ['ready by', isRunning && plan.startedAt === undefined ? when(plan.readyBy, now) : undefined],
    [
      'approval',
      approval && `${status(approval.status)}${'id' in approval ? `  ${plain(approval.id)}` : ''}${decideBy}`,
    ],
    ['start', plan.startedAt === undefined ? when(plan.startAt, now) : undefined],
    ['held', heldText(plan)],
    ['started', when(plan.startedAt, now)],
    ['ended', when(plan.endedAt, now)],
    [
      'takes',
      plan.criticalPathMs > 0
        ? `${span(plan.criticalPathMs)} at least; critical: ${plan.criticalPath.join(', ')}`
        : undefined,
    ],
    ['status report', isRunning && statusReport ? `due ${when(statusReport.dueAt, now)}` : undefined],
    ['dropped', plan.dropped.join(', ')],
  ];
};

/** Why a plan whose time has come has not begun. */
const heldText = ({ status: stands, deviations }: PlanFacts): string | undefined => {
  const [, why] = (stands === 'scheduled' && /^held: (.*)$/s.exec(deviations.at(-1) ?? '')) || [];
  return why && styleText('yellow', plain(why));
};

const readinessRows = ({ readiness, endedAt }: PlanFacts, now: number): Rows => {
  if (!readiness) return [];
  const { verdict, blockers, conditions, validUntil, waiversAsked = [] } = readiness;
  const until = validUntil === undefined || endedAt !== undefined ? '' : `, valid until ${when(validUntil, now)}`;
  return [
    [`${status(verdict)}${until}`],
    ...blockers.map((blocker) => [`${styleText('red', 'blocker')}    ${plain(blocker)}`]),
    ...waiversAsked.map((waiver) => [`waiver asked for: evenkeel readiness grant ${plain(waiver)}`]),
    ...conditions.map((condition) => [`${styleText('yellow', 'condition')}  ${plain(condition)}`]),
  ];
};

/** Each activity with the steps of its latest runs under it. */
const activityRows = (plan: PlanFacts, runs: readonly RunbookRun[], now: number): Rows =>
  inOrder(plan.activities).flatMap((activity) => [
    [status(activity.status), activity.name, workOf(activity), timesOf(activity, now), plain(activity.detail ?? '')],
    ...runs
      .filter((run) => run.activity === activity.name)
      .flatMap(({ purpose, steps }) =>
        steps.map((step) => [
          '',
          `  ${status(step.status)}`,
          `${purpose === 'run' ? '' : 'undo: '}${step.name} (${step.kind})`,
          timesOf(step, now),
          plain(step.detail ?? ''),
        ]),
      ),
  ]);

/** What the targets of steps said that stand as failed: the end of it, where reasons are. */
const saidByFailed = ({ activity, steps }: RunWithTries): [string, Rows][] =>
  steps.flatMap(({ name, status: stands, tries }) => {
    const said = stands === 'failed' || stands === 'undo-failed' ? failedTry(tries) : undefined;
    if (!said) return [];
    const lines = plainLines(endOf(said.output)).split('\n');
    return [[`output of ${plain(`${activity}/${name}: ${said.detail ?? ''}`)}`, lines.map((line) => [line])]];
  });

/** Activities behind what they wait for, otherwise as they are listed. */
export function inOrder<A extends Pick<PlanActivity, 'name' | 'after'>>(activities: readonly A[]): A[] {
  const ordered: A[] = [];
  let left = [...activities];
  while (left.length > 0) {
    const isBehind = ({ after }: A): boolean => !left.some(({ name }) => after.includes(name));
    const next = left.find(isBehind) ?? left[0]!;
    ordered.push(next);
    left = left.filter((activity) => activity !== next);
  }
  return ordered;
}

const workOf = ({ kind, runbook, title, origin }: PlanActivity): string =>
  `${plain(kind === 'runbook' ? (runbook ?? title) : title)} (${kind}${origin === 'gap' ? ', closes a gap' : ''})`;

const timesOf = ({ startedAt, endedAt }: PlanActivity | StepRun, now: number): string => {
  if (startedAt === undefined) return '';
  if (endedAt === undefined) return `since ${when(startedAt, now)}`;
  return `took ${span(Date.parse(endedAt) - Date.parse(startedAt))}`;
};

const seatRow = ({ seat, status: now, person, role, team, deadlineAt, passed }: Assignment, at: number): string[] => [
  status(now),
  seat,
  person ?? `${role} of ${team}`,
  [
    now === 'asked' && deadlineAt !== undefined ? `answer by ${when(deadlineAt, at)}` : '',
    ...passed.map(({ person: who, reason, ...past }) => {
      const how = past.how === 'reassigned' ? `reassigned by ${past.by}` : past.how;
      return plain(`${who}: ${how}${reason === '' ? '' : ` (${reason})`}`);
    }),
  ]
    .filter((text) => text !== '')
    .join('; '),
];

const taskRows = (plan: PlanFacts, runs: readonly RunbookRun[], now: number): Rows =>
  [...plan.tasks, ...runs.flatMap(({ tasks }) => tasks)]
    .filter(({ status: stands }) => stands === 'open')
    .map(({ id, title, assignee, dueAt }) => [
      plain(id),
      plain(title),
      assigneeText(assignee),
      `due ${when(dueAt, now)}`,
    ]);
