import type { ActivityOptions, LocalActivityOptions, RetryPolicy } from '@temporalio/common';
import { isCancellation, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { lookQueueOf } from './objective.messages.ts';
import { refusalOf } from './refusal.ts';

/** Refusals of the domain are final; everything else is passing and is tried again until it works. */
const retry: RetryPolicy = {
  initialInterval: '200 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '15 seconds',
  nonRetryableErrorTypes: ['DomainError'],
};

/** A task of the server, for as long as it takes. */
export const patient: ActivityOptions = { startToCloseTimeout: '15 seconds', retry };

/** Inside the workflow task, for a moment only. */
export const quick: LocalActivityOptions = {
  scheduleToCloseTimeout: '2 seconds',
  retry: { maximumAttempts: 2, nonRetryableErrorTypes: ['DomainError'] },
};

/** Runs one piece of work after the other. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * The turns of one workflow. A history does not tell which of two local activities that ran side by side had ended first
 * when the workflow went on, so they could not be replayed.
 */
export const createTurns = (): InTurn => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
};

/**
 * A short read or write of our own database, safe to run twice: tried inside the workflow task first, since a task of the
 * server costs more than the database does. A database that is away is waited for by the server. An attempt whose time was
 * up may still go on beside the next one and end behind it: keys, row locks, newer revisions and the workflow's own clock
 * make that harmless.
 */
export const withFallback =
  <All>(inTurn: InTurn, local: All, scheduled: All) =>
  <Input extends unknown[], Result>(activityIn: (activities: All) => (...input: Input) => Promise<Result>) =>
  async (...input: Input): Promise<Result> => {
    try {
      return await inTurn(() => activityIn(local)(...input));
    } catch (error) {
      if (isCancellation(error) || refusalOf(error) !== undefined) throw error;
      return activityIn(scheduled)(...input);
    }
  };

/** What a workflow reads and writes in our own database. */
export const createStored = (inTurn: InTurn) => {
  const stored = withFallback<Activities>(
    inTurn,
    proxyLocalActivities<Activities>(quick),
    proxyActivities<Activities>(patient),
  );
  return {
    announceRun: stored((activities) => activities.announceRun),
    escalateApproval: stored((activities) => activities.escalateApproval),
    expireApproval: stored((activities) => activities.expireApproval),
    findPerson: stored((activities) => activities.findPerson),
    findStepsInEffect: stored((activities) => activities.findStepsInEffect),
    findStart: stored((activities) => activities.findStart),
    notifyPeople: stored((activities) => activities.notifyPeople),
    openApproval: stored((activities) => activities.openApproval),
    orderActivityTask: stored((activities) => activities.orderActivityTask),
    orderRestoration: stored((activities) => activities.orderRestoration),
    orderTask: stored((activities) => activities.orderTask),
    pageResponders: stored((activities) => activities.pageResponders),
    passApproval: stored((activities) => activities.passApproval),
    planOperation: stored((activities) => activities.planOperation),
    readAlerts: stored((activities) => activities.readAlerts),
    readClocks: stored((activities) => activities.readClocks),
    splitIncident: stored((activities) => activities.splitIncident),
    readApproval: stored((activities) => activities.readApproval),
    releaseEnvironment: stored((activities) => activities.releaseEnvironment),
    remindApprovers: stored((activities) => activities.remindApprovers),
    reportCompletion: stored((activities) => activities.reportCompletion),
    reportStatus: stored((activities) => activities.reportStatus),
    reserveEnvironment: stored((activities) => activities.reserveEnvironment),
    saveIncident: stored((activities) => activities.saveIncident),
    informIncidents: stored((activities) => activities.informIncidents),
    judgeFix: stored((activities) => activities.judgeFix),
    saveProblem: stored((activities) => activities.saveProblem),
    savePlan: stored((activities) => activities.savePlan),
    saveRun: stored((activities) => activities.saveRun),
    startPlan: stored((activities) => activities.startPlan),
    suggestRestorations: stored((activities) => activities.suggestRestorations),
    withdrawApproval: stored((activities) => activities.withdrawApproval),
  };
};
export type Stored = ReturnType<typeof createStored>;

/** Looks at the world: probes have limits of their own, of ten seconds each. */
const patientLook: ActivityOptions = { startToCloseTimeout: '10 minutes', heartbeatTimeout: '25 seconds', retry };
export const looking = proxyActivities<Activities>(patientLook);

/** Inside the workflow task, where it takes a moment: a source that is slow must not keep others from their turn. */
const glance: LocalActivityOptions = { scheduleToCloseTimeout: '1 second', retry: { maximumAttempts: 1 } };

/** Looks at an objective. What has been slow once is looked at by a task of the server from then on, beside others that are slow. */
export const createLook = (): Look['measureObjective'] => {
  const slow = proxyActivities<Look>({ ...patientLook, taskQueue: lookQueueOf(workflowInfo().taskQueue) });
  let isSlow = false;
  const measureObjective: Look['measureObjective'] = (ask) => {
    isSlow = true;
    return slow.measureObjective(ask);
  };
  const look = withFallback<Look>((work) => work(), proxyLocalActivities<Look>(glance), { measureObjective });
  const atOnce = look((activities) => activities.measureObjective);
  return (ask) => (isSlow ? measureObjective(ask) : atOnce(ask));
};
type Look = Pick<Activities, 'measureObjective'>;

/** Reads what years have left, and computes. */
export const computing = proxyActivities<Activities>({ startToCloseTimeout: '2 minutes', retry });

/** The same, where others wait behind it. */
export const computingInTurn = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '10 minutes',
  retry: { ...retry, nonRetryableErrorTypes: ['DomainError', 'UnreadableRow'] },
});

/** The same, where nobody waits: until somebody has mended what it needs. */
export const computingForDays = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '20 days',
  retry,
});

/** A step: as long as the step says, with heartbeats so that a dead worker is noticed. */
export const acting = (timeoutMs: number): Pick<Activities, 'runStep' | 'undoStep'> =>
  proxyActivities<Activities>({
    startToCloseTimeout: timeoutMs + 15_000,
    heartbeatTimeout: '12 seconds',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry,
  });
