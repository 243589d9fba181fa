import { continueAsNew, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import { createStored, createTurns, patient, quick, withFallback } from '../../workflows/activities.ts';
import { approvalDecided } from '../../workflows/approval.messages.ts';
import { decide } from '../../workflows/approval.ts';
import { runRunbook } from '../../workflows/runbook/child.ts';
import { now } from '../../workflows/time.ts';
import { type Carried, track } from '../../workflows/track/index.ts';
import type { DrillActivities } from './drill.activities.ts';
import { drillReference, drillUpdates } from './drill.messages.ts';
import * as rules from './drill.rules.ts';
import type { Drill, DrillCommand, DrillInput } from './drill.ts';

export * from '../../workflows/index.ts';

const day = 86_400_000;
const messagesPerRun = 1_000;

/** Carries a drill from its opening to its end: agreed to, told of, executed, reported. */
export async function runDrill(input: DrillInput, carried?: Carried<Drill>): Promise<void> {
  const turns = createTurns();
  const stored = createStored(turns);
  const own = withFallback<DrillActivities>(turns, proxyLocalActivities(quick), proxyActivities(patient));
  const belongsTo = drillReference(input.id);
  const { workflowId, team } = input;
  const drill = track<Drill>({
    initial: rules.open(input),
    opening: { by: evenkeel, at: now(), action: 'drill.opened' },
    carried,
    subject: belongsTo,
    belongsTo,
    save: own((activities) => activities.saveDrill),
    again: (next) => continueAsNew<typeof runDrill>(input, next),
    messagesPerRun,
  });
  const heard = drill.counts(approvalDecided);
  drill.accepts<DrillCommand>(drillUpdates, {
    note: ['drill.noted', rules.note],
    cancel: ['drill.cancelled', rules.cancel],
  });
  const isOff = (): boolean => rules.isOver(drill.current);

  await drill.saved();
  await stored.notifyPeople({
    key: `${workflowId}/opened`,
    belongsTo,
    to: { team },
    said: { reason: 'status-report-due' },
  });
  const { status } = await decide(stored, {
    ask: { about: 'record', belongsTo, revision: 1, attempt: 1, executors: [], workflowId, at: Date.now() },
    heard,
    isOff,
    keep: ({ id, status: stands }) =>
      void drill.apply({ ...drill.current, approval: { id, status: stands } }, { action: 'drill.asked' }),
  });
  if (!isOff() && status !== 'approved')
    drill.apply({ ...drill.current, status: 'rejected' }, { action: 'drill.rejected' });
  if (!isOff()) {
    const owner = { belongsTo, team, revision: 1, executors: [], decideWithinMs: day, messagesPerRun };
    const wants = () => ({ paused: false, stopped: isOff() });
    await runRunbook(
      { ...owner, stored, wants, settle: drill.settle },
      { activity: 'drill', kind: 'run', number: 1, purpose: 'run', done: [] },
    );
  }
  if (!isOff()) drill.apply({ ...drill.current, status: 'completed' }, { action: 'drill.completed' });
  await drill.saved();
  await stored.reportCompletion({ belongsTo });
  await drill.settled();
}
