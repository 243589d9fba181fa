import { runIdOf, type RunPlace, runWorkflowIdOf, stepSubjectOf } from '../../domain/identifiers.ts';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../domain/digest.ts';
import type { OperationPlan, PlanFacts } from '../../domain/operation-plan.ts';
import { type Grounds, stepToRun } from '../../domain/operation-plan/step-authorization.ts';
import { type StepReference } from '../../domain/run-authorization.ts';
import { Step } from '../../domain/runbook.ts';
import { activity, content, plan } from '../support/builders.ts';
import { planId, planReference } from '../support/id.ts';

const id = planId('checkout.production.0001');
const workflowId = `operation-plan/checkout/production/0001`;
const digest = 'the digest of the plan';
const steps = [
  Step.parse({ name: 'agree', kind: 'approval', policy: 'second-person', question: 'Now?' }),
  Step.parse({ name: 'ship', kind: 'http', url: '{{environment.url}}/ship' }),
];
const whole = content(id, {
  approval: { policy: 'second-person' },
  activities: [
    {
      name: 'roll-out',
      origin: 'template',
      after: [],
      runbook: { name: 'roll-out', steps },
      undo: { name: 'roll-back', steps: [steps[1]!] },
      durationMs: 60_000,
      undoMs: 60_000,
      people: [],
      environment: 'none',
    },
  ],
});
const record = (more: Partial<PlanFacts> = {}): OperationPlan =>
  plan({
    id,
    workflowId,
    status: 'running',
    revision: 1,
    activities: [activity('roll-out', { status: 'running' })],
    ...more,
  });
const place: RunPlace = { belongsTo: planReference(id), activity: 'roll-out', kind: 'run', number: 1 };
const announced = (of: RunPlace) => ({ ...of, id: runIdOf(of), workflowId: runWorkflowIdOf(workflowId, of) });
const ship: StepReference = {
  belongsTo: planReference(id),
  revision: 1,
  activity: 'roll-out',
  step: 'ship',
  purpose: 'run',
  round: 1,
  workflowId: `${workflowId}/runbook/roll-out/run-1`,
  at: 0,
};
const ofThePlan = { subject: `plan/${id}`, digest };
const ofTheStep = {
  subject: stepSubjectOf(runIdOf(place), 'agree'),
  digest: digestOf([digest, 'roll-out', 'agree']),
};
const grounds: Grounds = {
  run: announced(place),
  record: record(),
  start: { revision: 1, digest },
  digest,
  content: whole,
  consumed: [ofThePlan, ofTheStep],
  retriesOfActivity: 0,
  retriesOfStep: 0,
  effects: [],
  skipped: [],
};
const ask =
  (reference: Partial<StepReference>, facts: Partial<Grounds> = {}, direction: 'forth' | 'back' = 'forth') =>
  () =>
    stepToRun({ ...ship, ...reference }, direction, { ...grounds, ...facts }).name;
/** Each run asks for itself. */
const ofRun = (run: RunPlace) => ({ ...ofTheStep, subject: stepSubjectOf(runIdOf(run), 'agree') });
const inRun = (number: number, kind: RunPlace['kind'] = 'run') => {
  const run = announced({ ...place, kind, number });
  return { reference: { workflowId: run.workflowId }, run, consumed: [ofThePlan, ofRun(run)] };
};
const undoRun = inRun(1, 'undo');
const takingBack = undoRun.reference;
const undoing = {
  run: undoRun.run,
  record: record({ status: 'undoing', activities: [activity('roll-out', { status: 'undoing' })] }),
};

describe('a step runs', () => {
  test('when its plan and all before it are approved, and it is the turn of its activity', () => {
    expect(ask({})()).toBe('ship');
  });

  test.each<[string, Partial<StepReference>, Partial<Grounds>, string]>([
    ['of a plan that is over', {}, { record: record({ status: 'completed' }) }, 'is over'],
    ['of a plan that is not saved', {}, { record: null }, 'is not the one'],
    ['of another revision', {}, { record: record({ revision: 2 }) }, 'is not the one'],
    ['of a plan that nobody approved', {}, { consumed: [ofTheStep] }, 'is not approved'],
    ['of a plan approved as another', {}, { consumed: [{ ...ofThePlan, digest: 'other' }, ofTheStep] }, 'not approved'],
    ['behind an approval that is not given', {}, { consumed: [ofThePlan] }, 'step agree has not been approved'],
    ['that the plan does not have', { step: 'drop-all' }, {}, 'no step roll-out/drop-all'],
    ['for a workflow of another kind', { workflowId: `${workflowId}/runbook/other/run-1` }, {}, 'is no run'],
    [
      'in a run of another record',
      {},
      { run: { ...announced(place), belongsTo: planReference('other') } },
      'is no run',
    ],
    ['while the plan waits', {}, { record: record({ status: 'scheduled' }) }, 'is scheduled: nothing is run now'],
    ['before its activity', {}, { record: record({ activities: [activity('roll-out')] }) }, 'is planned'],
    ['forth in a run that undoes', takingBack, { ...undoing, consumed: undoRun.consumed }, 'only undoes'],
    ['of the undo in a run that goes forth', { purpose: 'undo' }, {}, 'undoes nothing'],
    ['again, unasked', { round: 2 }, {}, 'nobody ordered round 2 of step ship'],
    [
      'in a further run, unasked',
      inRun(2).reference,
      { run: inRun(2).run, consumed: inRun(2).consumed },
      'nobody ordered run 2',
    ],
  ])('not: %s', (_, reference, facts, reason) => {
    expect(ask(reference, facts)).toThrow(reason);
  });

  describe('behind another one', () => {
    const tell = Step.parse({ name: 'tell', kind: 'command', program: 'tell' });
    const roll = whole.activities[0]!;
    const longer = (...more: Step[]) => ({
      ...whole,
      activities: [{ ...roll, runbook: { name: 'roll-out', steps: [steps[0]!, ...more] } }],
    });
    const tellAfterShip = (facts: Partial<Grounds>) =>
      ask({ step: 'tell' }, { content: longer(steps[1]!, tell), ...facts });
    const effect = (of: string, state: string) => ({
      effects: [{ key: `${workflowId}/runbook/roll-out/${of}`, state }],
    });

    test('that has been done, at whichever try, or that somebody skipped', () => {
      expect(tellAfterShip(effect('run-1/ship/1', 'sent'))()).toBe('tell');
      expect(tellAfterShip(effect('run-1/ship/2/attempt-3', 'sent'))()).toBe('tell');
      expect(tellAfterShip({ skipped: [{ target: ship.workflowId, name: 'ship', isSettled: false }] })()).toBe('tell');
    });

    test.each([
      ['that never began', {}],
      ['that failed', effect('run-1/ship/1', 'failed')],
      ['that is under way', effect('run-1/ship/1', 'pending')],
      ['that was undone, and never done', effect('run-1/ship/undo/1', 'sent')],
      ['that was done in another run', effect('run-2/ship/1', 'sent')],
      ['while something else was skipped', { skipped: [{ target: ship.workflowId, name: 'agree', isSettled: false }] }],
      [
        'that was skipped in another run',
        { skipped: [{ target: `${workflowId}/runbook/roll-out/run-2`, name: 'ship', isSettled: false }] },
      ],
      [
        'that was done and undone',
        {
          effects: [
            { key: `${workflowId}/runbook/roll-out/run-1/ship/1`, state: 'sent' },
            { key: `${workflowId}/runbook/roll-out/run-1/ship/undo/1`, state: 'pending' },
          ],
        },
      ],
    ])('not: %s', (_, facts) => {
      expect(tellAfterShip(facts)).toThrow('step ship, which comes before, has not been done');
    });

    test('not when it was skipped itself, unless it had begun', () => {
      const skipped = { skipped: [{ target: ship.workflowId, name: 'ship', isSettled: true }] };
      const begun = { effects: [{ key: `${ship.workflowId}/ship/1`, state: 'pending' }] };

      expect(ask({}, skipped)).toThrow('step ship has been skipped');
      expect(ask({}, { skipped: [{ target: workflowId, name: 'roll-out', isSettled: true }] })).toThrow('skipped');
      expect(ask({}, { ...skipped, ...begun })()).toBe('ship');
    });

    test('not while its plan is being stopped, unless it had begun', () => {
      const stopping = { record: record({ isCancelling: true }) };
      const begun = { effects: [{ key: `${ship.workflowId}/ship/1`, state: 'pending' }] };

      expect(ask({}, stopping)).toThrow('the plan is being stopped');
      expect(ask({}, { ...stopping, ...begun })()).toBe('ship');
    });

    test('of a plan with as many activities as there may be is found at once', () => {
      const layers = Array.from({ length: 20 }, (_, layer) =>
        Array.from({ length: 5 }, (__, at) => ({
          ...roll,
          name: `a-${layer}-${at}`,
          after: layer === 0 ? [] : Array.from({ length: 5 }, (___, before) => `a-${layer - 1}-${before}`),
          runbook: undefined,
        })),
      ).flat();
      const wide = { ...whole, activities: [...layers, { ...roll, after: ['a-19-0'] }] };

      expect(ask({}, { content: wide })()).toBe('ship');
    });

    describe('of an activity that comes after others', () => {
      const activityOf = (name: string, after: string[], step: Step) => ({
        ...roll,
        name,
        after,
        runbook: { name, steps: [step] },
      });
      const backup = Step.parse({ name: 'copy', kind: 'http', url: '{{environment.url}}/copy' });
      const chain = {
        ...whole,
        activities: [
          activityOf('backup', [], backup),
          { ...roll, name: 'tell', after: ['backup'], runbook: undefined },
          activityOf('roll-out', ['tell'], steps[1]!),
        ],
      };
      const afterBackup = (facts: Partial<Grounds>) => ask({}, { content: chain, ...facts });

      test('once all of them have done theirs, in whichever run, or were skipped', () => {
        expect(afterBackup({ effects: [{ key: `${workflowId}/runbook/backup/run-2/copy/1`, state: 'sent' }] })()).toBe(
          'ship',
        );
        expect(
          afterBackup({
            skipped: [{ target: `${workflowId}/runbook/backup/run-1`, name: 'copy', isSettled: false }],
          })(),
        ).toBe('ship');
        expect(afterBackup({ skipped: [{ target: workflowId, name: 'backup', isSettled: false }] })()).toBe('ship');
      });

      test('not before', () => {
        expect(afterBackup({})).toThrow('step copy of activity backup, which comes before, has not been done');
        expect(
          afterBackup({ effects: [{ key: `${workflowId}/runbook/backup/run-1/copy/1`, state: 'failed' }] }),
        ).toThrow('has not been done');
      });
    });

    test('though it stands side by side with one that goes on', () => {
      const together = Step.parse({ name: 'both', kind: 'parallel', steps: [steps[1]!, tell] });

      expect(ask({ step: 'tell' }, { content: longer(together) })()).toBe('tell');
    });
  });

  test('beside an approval that is still asked for', () => {
    const roll = whole.activities[0]!;
    const together = Step.parse({ name: 'both', kind: 'parallel', steps });
    const beside = { ...whole, activities: [{ ...roll, runbook: { name: 'roll-out', steps: [together] } }] };

    expect(ask({}, { content: beside, consumed: [ofThePlan] })()).toBe('ship');
  });

  test('again as often as people have ordered it', () => {
    expect(ask({ round: 3 }, { retriesOfStep: 2 })()).toBe('ship');
    expect(ask(inRun(3).reference, { retriesOfActivity: 2, run: inRun(3).run, consumed: inRun(3).consumed })()).toBe(
      'ship',
    );
  });
});

describe('a step is undone', () => {
  test('by the run that did it, and by one that undoes', () => {
    expect(ask({}, {}, 'back')()).toBe('ship');
    expect(ask(takingBack, undoing, 'back')()).toBe('ship');
    expect(ask({ ...takingBack, purpose: 'undo' }, undoing)()).toBe('ship');
  });

  test('not while the plan still runs, by a run of its own', () => {
    expect(ask(takingBack, { run: undoRun.run }, 'back')).toThrow('nothing is undone now');
  });
});
