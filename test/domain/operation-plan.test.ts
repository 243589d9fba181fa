import { describe, expect, test } from 'vitest';
import type { Actor } from '../../domain/actor.ts';
import {
  type ActivityStatus,
  type EndedPlan,
  OperationPlan,
  type PlanFacts,
  type PlanIn,
  type PlanStatus,
} from '../../domain/operation-plan.ts';
import {
  amend,
  cancel,
  completeTask,
  pause,
  reassess,
  reassignTask,
  reportStatus,
  resume,
  retry,
  skip,
} from '../../domain/operation-plan/ask.rules.ts';
import type { PlanOutline } from '../../domain/operation-plan/outline.ts';
import * as progress from '../../domain/operation-plan/progress.rules.ts';
import { deviated, end } from '../../domain/operation-plan/record.rules.ts';
import {
  accept,
  askFor,
  assign,
  decline,
  isStaffed,
  reassign,
  seatsToFill,
  unanswered,
} from '../../domain/operation-plan/seat.rules.ts';
import { activity, assignment, morning, person, plan, task } from '../support/builders.ts';
import { approvalId, taskId } from '../support/id.ts';

const by = person('ana');
const command = { command: 'c-1', by, at: morning };
const why = { reason: 'because', ...command };
const ended: PlanStatus[] = ['completed', 'undone', 'failed', 'rejected', 'cancelled'];
const beforeTheStart: PlanStatus[] = ['draft', 'assessed', 'staffing', 'awaiting-approval', 'approved', 'scheduled'];

describe('a pause', () => {
  test('holds the plan until it is resumed', () => {
    const paused = pause(plan({ status: 'running' }), { type: 'pause', ...why });

    expect(paused).toMatchObject({ paused: true, status: 'running', deviations: ['paused: because'] });
    expect(resume(paused, { type: 'resume', ...why }).paused).toBe(false);
  });

  test('is refused twice, and so is resuming what is not paused', () => {
    const paused = plan({ paused: true });

    expect(() => pause(paused, { type: 'pause', ...why })).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(() => resume(plan(), { type: 'resume', ...why })).toThrow('nothing to resume');
  });

  test.each(ended)('is refused when the plan is %s', (status) => {
    expect(() => pause(plan({ status }), { type: 'pause', ...why })).toThrow(status);
  });
});

describe('a cancellation', () => {
  test.each(beforeTheStart)('ends a plan that is %s at once', (status) => {
    expect(cancel(plan({ status, paused: true }), { type: 'cancel', ...why })).toMatchObject({
      status: 'cancelled',
      outcome: 'because',
      endedAt: morning,
      paused: false,
    });
  });

  test.each(['running', 'undoing'] as const)('of a plan that is %s waits until what was done is undone', (status) => {
    const cancelling = cancel(plan({ status, paused: true }), { type: 'cancel', ...why });

    expect(cancelling).toMatchObject({ status, isCancelling: true, paused: false });
    expect(cancelling).not.toHaveProperty('endedAt');
    expect(() => cancel(cancelling, { type: 'cancel', ...why })).toThrow('cannot be cancelled');
  });

  test.each(ended)('is refused when the plan is %s', (status) => {
    expect(() => cancel(plan({ status }), { type: 'cancel', ...why })).toThrow(status);
  });
});

test('a plan that is over does not end a second time', () => {
  const over = end(plan({ status: 'running' }), 'completed', 'all is done', morning);

  expect(end(over, 'failed', 'late', '2026-03-25T09:00:00.000Z')).toBe(over);
});

test('only a plan that waits for its readiness is looked at again', () => {
  expect(reassess(plan({ status: 'assessed' })).status).toBe('draft');
  const seats = [
    assignment('work/1', { status: 'accepted', person: 'ana' }),
    assignment('work/2', { status: 'exhausted', deadlineAt: morning }),
    assignment('work/3', { status: 'asked', person: 'ben', deadlineAt: morning }),
  ];
  const again = reassess(plan({ status: 'staffing', assignments: seats }));
  expect(again.status).toBe('draft');
  // With a deadline that is long over when the plan comes back, it would fail at once.
  expect(again.assignments).toEqual([seats[0], assignment('work/2'), seats[2]]);
  const approval = { id: approvalId('a'), attempt: 1, status: 'changes-requested' as const };
  expect(reassess(plan({ status: 'awaiting-approval', approval })).status).toBe('draft');
  const open = { ...approval, status: 'open' as const };
  expect(() => reassess(plan({ status: 'awaiting-approval', approval: open }))).toThrow('not looked at now');
  expect(() => reassess(plan({ status: 'running' }))).toThrow('not looked at now');
});

describe('an edit', () => {
  const scheduled = plan({ status: 'scheduled', activities: [activity('one'), activity('two'), activity('three')] });
  const drop = (names: string[], of: OperationPlan = scheduled): OperationPlan =>
    amend(of, { type: 'amend', drop: names, ...why });

  test('makes the plan anew without the activities', () => {
    expect(drop(['two', 'two'])).toMatchObject({ status: 'assessed', dropped: ['two'] });
  });

  test('refuses an activity that the plan does not have', () => {
    expect(() => drop(['two', 'four'])).toThrow(
      expect.objectContaining({
        code: 'invalid',
        field: 'drop',
        message: expect.stringContaining('the plan has no activity four: it has '),
      }),
    );
  });

  test('leaves something to do', () => {
    expect(() => drop(['one', 'two', 'three'])).toThrow('a plan without activities');
    expect(() => drop(['three'], { ...scheduled, dropped: ['one', 'two'] })).toThrow('a plan without activities');
  });

  test.each([...ended, 'running', 'undoing', 'draft'] as PlanStatus[])('is refused when the plan is %s', (status) => {
    expect(() => drop(['two'], plan({ status }))).toThrow(expect.objectContaining({ code: 'conflict' }));
  });
});

const withOne = (status: ActivityStatus, more: Partial<PlanFacts> = {}): OperationPlan =>
  plan({ status: 'running', activities: [activity('work', { status })], ...more });
const statusAfter = ({ activities }: OperationPlan): [ActivityStatus, number] => [
  activities[0]!.status,
  activities[0]!.round,
];

describe('a retry', () => {
  const again = (of: OperationPlan, name = 'work'): OperationPlan =>
    retry(of, { type: 'retry', activity: name, ...why });

  test('tries a failed activity in a new round', () => {
    expect(statusAfter(again(withOne('failed')))).toEqual(['planned', 2]);
  });

  test('tries a failed undo in a new round', () => {
    expect(statusAfter(again(withOne('undo-failed', { status: 'undoing' })))).toEqual(['done', 2]);
  });

  test.each(['planned', 'waiting', 'running', 'done', 'skipped', 'undoing', 'undone', 'cancelled'] as const)(
    'is refused while the activity is %s',
    (status) => {
      expect(() => again(withOne(status))).toThrow('nothing to retry');
    },
  );

  test('is refused when the plan is over, or knows no such activity', () => {
    expect(() => again(withOne('failed', { status: 'failed' }))).toThrow('nothing to retry');
    expect(() => again(withOne('failed'), 'ghost')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('a skip', () => {
  const without = (of: OperationPlan): OperationPlan => skip(of, { type: 'skip', activity: 'work', ...why });

  test.each(['planned', 'waiting', 'failed', 'undo-failed'] as const)('goes on without what is %s', (status) => {
    const standing = { status: status === 'undo-failed' ? ('undoing' as const) : ('running' as const) };
    expect(without(withOne(status, standing)).activities[0]).toMatchObject({
      status: 'skipped',
      detail: 'because',
      endedAt: morning,
    });
  });

  test.each(['running', 'done', 'undoing', 'undone', 'cancelled'] as const)('is refused for what is %s', (status) => {
    expect(() => without(withOne(status))).toThrow('cannot be skipped');
  });

  test('closes the task that somebody had to do', () => {
    const waiting = withOne('running', {
      tasks: [task('t1'), task('t2', { place: { of: 'activity', activity: 'other' } }), task('t3', { status: 'done' })],
    });

    expect(without(waiting).tasks).toMatchObject([
      { id: 't1', status: 'skipped', closedBy: by },
      { id: 't2', status: 'open' },
      { id: 't3', status: 'done' },
    ]);
  });

  test('is refused when the plan is over', () => {
    expect(() => without(withOne('failed', { status: 'failed' }))).toThrow('cannot be skipped');
  });
});

describe('a seat', () => {
  const asked = plan({
    status: 'staffing',
    assignments: [
      assignment('work/1', { status: 'asked', person: 'dan', deadlineAt: morning }),
      assignment('work/2', { status: 'open' }),
    ],
  });
  const take = (who: Actor, of = asked, seat = 'work/1') => accept(of, { type: 'accept', seat, ...command, by: who });

  test('is taken by the person who was asked', () => {
    expect(take(person('dan')).assignments[0]).toEqual(assignment('work/1', { status: 'accepted', person: 'dan' }));
  });

  test.each([person('ana'), { type: 'service', name: 'dan' } as const, { type: 'system', name: 'dan' } as const])(
    'is not taken by $type $name',
    (who) => {
      expect(() => take(who)).toThrow(expect.objectContaining({ code: 'not-allowed' }));
    },
  );

  test('is taken once', () => {
    expect(() => take(person('dan'), take(person('dan')))).toThrow(
      'seat work/1 was accepted by dan: nobody is asked for it now',
    );
    expect(() => take(person('dan'), asked, 'work/2')).toThrow('seat work/2 is open');
    expect(() => take(person('dan'), asked, 'work/9')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  test('is open again when the person declines, who is remembered', () => {
    const declined = decline(asked, { type: 'decline', seat: 'work/1', ...why, by: person('dan') });

    expect(declined.assignments[0]).toEqual(
      assignment('work/1', { passed: [{ person: 'dan', how: 'declined', reason: 'because' }] }),
    );
    expect(() => decline(asked, { type: 'decline', seat: 'work/1', ...why })).toThrow('dan was asked');
  });

  test('is open again when nobody answers, unless somebody has', () => {
    const accepted = take(person('dan'));

    expect(unanswered(asked, 'work/1').assignments[0]).toMatchObject({
      status: 'open',
      passed: [{ person: 'dan', how: 'no-answer' }],
    });
    expect(unanswered(accepted, 'work/1')).toBe(accepted);
  });

  test('is given to somebody by name, also to one who had passed', () => {
    const passed = decline(asked, { type: 'decline', seat: 'work/1', ...why, by: person('dan') });
    const given = assign(passed, { type: 'assign', seat: 'work/1', person: 'dan', ...why });

    expect(given.assignments[0]).toEqual(assignment('work/1', { person: 'dan' }));
  });

  test('is not given away once it is taken, or when nobody is sought', () => {
    const give = (of: OperationPlan) => assign(of, { type: 'assign', seat: 'work/1', person: 'eva', ...why });

    expect(() => give(take(person('dan')))).toThrow('cannot be assigned');
    expect(() => give(plan({ status: 'undoing', assignments: asked.assignments }))).toThrow('cannot be assigned');
  });

  describe('that was taken and goes to somebody else', () => {
    const taken = [
      assignment('work/1', { status: 'accepted', person: 'dan' }),
      assignment('work/2', { status: 'accepted', person: 'fay' }),
    ];
    const move = (of: Partial<PlanFacts>, to = 'eva'): OperationPlan =>
      reassign(plan({ activities: [activity('work')], assignments: taken, ...of }), {
        type: 'reassign',
        seat: 'work/1',
        to,
        ...why,
      });

    test.each([
      ['draft', 'draft'],
      ['assessed', 'assessed'],
      ['staffing', 'staffing'],
      ['awaiting-approval', 'staffing'],
      ['approved', 'staffing'],
      ['scheduled', 'staffing'],
      ['running', 'running'],
    ] as const)('is open for them: a plan that is %s is %s then', (status, after) => {
      const moved = move({ status });

      expect(moved.status).toBe(after);
      expect('startAt' in moved).toBe(after === 'running');
      expect(moved.assignments[0]).toEqual(
        assignment('work/1', {
          person: 'eva',
          passed: [{ person: 'dan', how: 'reassigned', reason: 'because', to: 'eva', by: 'ana' }],
        }),
      );
      expect(moved.deviations).toEqual(['eva asked to take work/1 instead of dan, by ana: because']);
      expect(isStaffed(moved, 'work')).toBe(false);
      expect(seatsToFill(moved).map(({ seat }) => seat)).toEqual(['work/1']);
    });

    test('was never theirs before, nor another one of the same work', () => {
      expect(() => move({}, 'dan')).toThrow('dan has seat work/1');
      expect(() => move({}, 'fay')).toThrow(expect.objectContaining({ code: 'conflict', field: 'to' }));
    });

    test('may come back to whoever had it', () => {
      const given = take(person('eva'), askFor(move({ status: 'staffing' }), 'work/1', 'eva', morning));
      const back = reassign(given, { type: 'reassign', seat: 'work/1', to: 'dan', ...why });

      expect(back.assignments[0]).toMatchObject({
        person: 'dan',
        passed: [{ person: 'eva', how: 'reassigned', to: 'dan' }],
      });
    });

    test('has been taken: whoever is only asked is named otherwise', () => {
      expect(() => move({ assignments: asked.assignments })).toThrow('assign it instead');
    });

    test.each(['done', 'skipped', 'undone', 'undo-failed', 'cancelled'] as const)(
      'is of work that is not %s',
      (status) => {
        expect(() => move({ status: 'running', activities: [activity('work', { status })] })).toThrow('is over');
      },
    );

    test.each([...ended, 'undoing'] as PlanStatus[])('is of a plan that is not %s', (status) => {
      expect(() => move({ status })).toThrow('cannot be reassigned');
    });

    test('is of a plan that is not being cancelled', () => {
      expect(() => move({ status: 'running', isCancelling: true })).toThrow('cannot be reassigned');
    });
  });
});

test('a task of the plan that goes to another person is a deviation', () => {
  const given = plan({ status: 'running', tasks: [task('t1', { assignee: { person: 'dan' } })] });
  const moved = reassignTask(given, { type: 'reassign-task', task: taskId('t1'), to: 'eva', ...why });

  expect(moved.tasks[0]?.assignee).toEqual({ person: 'eva' });
  expect(moved.deviations).toEqual(['Look at the dashboard was given to eva instead of dan, by ana: because']);
  expect(() => reassignTask(given, { type: 'reassign-task', task: taskId('t2'), to: 'eva', ...why })).toThrow(
    expect.objectContaining({ code: 'not-found' }),
  );
});

const { statusReportOf, statusSent } = progress;
test('a revision that needs no approval does not begin the count of questions anew', () => {
  const outline: PlanOutline = {
    revision: 2,
    digest: 'sha256:2',
    activities: [],
    seats: [],
    criticalPath: [],
    criticalPathMs: 0,
    needMs: 0,
    hasWindow: false,
    approval: { notNeeded: 'a standard change' },
  };
  const approval = { id: approvalId('a'), attempt: 1, status: 'changes-requested' as const };
  const assessed = plan({ status: 'assessed', approval }) as PlanIn<'assessed'>;
  const unneeded = progress.planned(assessed, outline);
  const needed = progress.planned(
    { ...unneeded, status: 'assessed' },
    { ...outline, approval: { policy: 'second-person' } },
  );

  expect(unneeded.approval).toEqual({ attempt: 1, status: 'not-needed' });
  expect(needed.approval).toEqual({ attempt: 1, status: 'unasked' });
});

const noon = '2026-03-02T12:00:00.000Z';

describe('a status report', () => {
  const due = plan({ status: 'running', statusReport: { dueAt: morning, chased: 2, number: 3 } });
  const say = (of: OperationPlan, given = 'c-1') =>
    reportStatus(of, { type: 'report-status', text: 'half done', ...command, command: given });

  test('is written only when one is due', () => {
    expect(statusReportOf(say(due))).toEqual({ dueAt: morning, chased: 0, number: 3, unsent: ['c-1'] });
    expect(() => say(plan())).toThrow('no status report is due');
  });

  test('that is written while another is on its way is the next one', () => {
    const both = say(say(due), 'c-2');
    const sent = statusSent(both, ['c-1'], noon);

    expect(statusReportOf(sent)).toEqual({ dueAt: noon, chased: 0, number: 4, unsent: ['c-2'] });
    expect(statusReportOf(statusSent(sent, ['c-2'], noon))).toEqual({ dueAt: noon, chased: 0, number: 5 });
  });

  test('is refused when the plan is over, or too many before it are not sent', () => {
    expect(() => say(plan({ status: 'completed' }))).toThrow('its completion report is its last');
    expect(() => say(Array.from({ length: 10 }).reduce<OperationPlan>((of) => say(of), due))).toThrow(
      'are not sent yet',
    );
    expect(() => say(say(due))).not.toThrow();
  });
});

test('an undo that failed is decided on when the rest is taken back, not before', () => {
  const of = (status: PlanStatus) => plan({ status, activities: [activity('one', { status: 'undo-failed' })] });

  for (const refuse of [
    (its: OperationPlan) => retry(its, { type: 'retry', activity: 'one', ...why }),
    (its: OperationPlan) => skip(its, { type: 'skip', activity: 'one', ...why }),
  ]) {
    expect(() => refuse(of('running'))).toThrow('is decided on once the rest is undone');
    expect(() => refuse(of('undoing'))).not.toThrow();
  }
  const without = plan({ status: 'undoing', activities: [activity('one', { status: 'undo-failed', hasUndo: false })] });
  expect(() => retry(without, { type: 'retry', activity: 'one', ...why })).toThrow('nothing undoes one');
});

describe('what was approved is carried out', () => {
  test.each(beforeTheStart)('so nothing is skipped of a plan that is %s', (status) => {
    expect(() =>
      skip(plan({ status, activities: [activity('one')] }), { type: 'skip', activity: 'one', ...why }),
    ).toThrow('amend it without the activity');
  });

  test('and no activity that asks for an approval is skipped', () => {
    const running = plan({
      status: 'running',
      activities: [activity('gate', { asksApproval: true }), activity('work')],
    });
    const skipping = (name: string) => () => skip(running, { type: 'skip', activity: name, ...why });

    expect(skipping('gate')).toThrow('asks for an approval and cannot be skipped');
    expect(skipping('work')).not.toThrow();
  });

  test('and what closes a blocker is waived, not dropped', () => {
    const readiness = {
      verdict: 'not-ready',
      review: 'r',
      blockers: ['MON-1 monitored: no alert rule'],
      conditions: [],
      mayBePlanned: true,
      validUntil: morning,
    } as const;
    const open = plan({
      status: 'staffing',
      activities: [activity('close-mon-1', { origin: 'gap' }), activity('ship'), activity('watch')],
      readiness: { ...readiness, blockers: [...readiness.blockers], conditions: [] },
    });
    const without = (drop: string[]) => () => amend(open, { type: 'amend', drop, ...why });

    expect(without(['close-mon-1'])).toThrow('closes the blocker MON-1');
    expect(without(['ship'])).not.toThrow();
  });
});

test('a task that the plan does not have is not completed', () => {
  const ask = {
    type: 'complete-task',
    task: taskId('t1'),
    result: 'done',
    answers: {},
    reason: '',
    command: 'c-1',
    by,
    at: morning,
  } as const;

  expect(completeTask(plan({ tasks: [task('t1')] }), ask).tasks).toMatchObject([{ status: 'done', closedBy: by }]);
  expect(() => completeTask(plan(), ask)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

describe('a plan carries what is known in its phase, and no more', () => {
  const of = <Status extends Exclude<PlanStatus, EndedPlan['status']>>(status: Status) => {
    const approval = { approval: { id: approvalId('a'), attempt: 1, status: 'approved' as const } };
    const activities = [activity('one'), activity('two')];
    return plan({ status, activities, ...(status === 'draft' ? {} : approval) }) as PlanIn<Status>;
  };
  const readiness = of('assessed').readiness;
  const without = { type: 'amend' as const, drop: ['one'], ...why };

  test.each<[string, () => OperationPlan]>([
    ['assessed', () => progress.assessed(of('draft'), readiness, noon)],
    ['assessed again before its start', () => progress.assessed(of('scheduled'), readiness, undefined)],
    ['made again as it was', () => progress.confirmed(of('assessed'), 'sha256:2')],
    ['staffed', () => progress.staffed(of('staffing'))],
    ['approved', () => progress.approved(of('awaiting-approval'))],
    ['scheduled', () => progress.scheduled(of('approved'), noon)],
    ['late for its start', () => progress.startMissed(of('scheduled'))],
    ['not as ready as it was planned', () => progress.readinessChanged(of('scheduled'))],
    ['not let through the last gate', () => progress.approvalVoid(of('scheduled'))],
    ['started', () => progress.started(of('scheduled'), noon, undefined)],
    ['let through the gate', () => progress.gateOpened(of('running'))],
    ['undone', () => progress.undoing(of('running'), 'work failed')],
    ['completed', () => progress.completed(of('running'), noon)],
    ['amended while it waits for its start', () => amend(of('scheduled'), without)],
    ['assessed anew', () => reassess(of('staffing'))],
    ['cancelled before its start', () => cancel(of('scheduled'), { type: 'cancel', ...why })],
    ['cancelled while it runs', () => cancel(of('running'), { type: 'cancel', ...why })],
    ['ended while it is undone', () => end(of('undoing'), 'failed', 'nobody decided', noon)],
  ])('when it is %s', (_, move) => {
    const next = move();

    expect(OperationPlan.parse(next)).toEqual(next);
  });
});

test('a plan that lives long keeps its latest deviations', () => {
  const old = Array.from({ length: 150 }).reduce<OperationPlan>(
    (now, _, index) => deviated(now, `no ${index}`),
    plan(),
  );

  expect(old.deviations).toHaveLength(100);
  expect(old.deviations.at(-1)).toBe('no 149');
});
