import { condition, sleep } from '@temporalio/workflow';
import type { OrderedRunbook } from '../../domain/incident.ts';
import { visibilityOf } from '../../domain/privacy.rules.ts';
import { isDisturbed, isOver, responsibleFor } from '../../domain/incident/record.rules.ts';
import * as rules from '../../domain/incident/restoration.rules.ts';
import type { OrderedRestoration } from '../../activities/incident/restore.ts';
import { looking } from '../activities.ts';
import { decide } from '../approval.ts';
import { refusalOf } from '../refusal.ts';
import { runRunbook } from '../runbook/child.ts';
import { now } from '../time.ts';
import { type IncidentContext, notify } from './context.ts';

const lookEveryMs = 10_000;
const decideWithinMs = 4 * 3_600_000;

/** Executes each runbook that is ordered, one after the other, until the incident is over. */
export async function restoreAsOrdered(context: IncidentContext): Promise<void> {
  const { incident } = context;
  const next = (): OrderedRunbook | undefined => rules.runbookUnderWay(incident.current);
  for (;;) {
    await condition(() => isOver(incident.current) || (next() !== undefined && !incident.mustContinue));
    const runbook = next();
    if (isOver(incident.current) || !runbook) return;
    context.isRestoring = true;
    try {
      await restore(context, runbook);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      await fail(context, runbook, refusal);
    } finally {
      context.isRestoring = false;
    }
  }
}

/** It is known what the incident is about, and nobody has looked which runbooks fit. */
export const isToSuggest = ({ incident: { current }, hasSuggested }: IncidentContext): boolean =>
  !hasSuggested &&
  isDisturbed(current) &&
  current.service !== undefined &&
  current.environment !== undefined &&
  current.kind !== 'backfilled';

/** Suggests runbooks once it is known what the incident is about; the first that may do so runs by itself. */
export async function suggest(context: IncidentContext): Promise<void> {
  const { incident, stored } = context;
  context.hasSuggested = true;
  const { number } = incident.current;
  const { suggested, automatic, knownErrors } = await stored.suggestRestorations({ number });
  if (knownErrors.length > 0)
    incident.apply(
      { ...incident.current, knownErrors },
      {
        action: 'incident.known-error-offered',
        detail: { problems: knownErrors },
      },
    );
  const { current } = incident;
  if (suggested.length === 0 || current.runbooks.length > 0 || !isDisturbed(current)) return;
  const next = { ...current, suggested };
  if (automatic === undefined) incident.apply(next, { action: 'incident.suggested', detail: { suggested } });
  else
    incident.apply(rules.ordered(next, automatic), {
      action: 'incident.runbook-ordered',
      detail: { runbook: automatic },
    });
}

const restore = async (
  context: IncidentContext,
  { number: restoration, runbook, command }: OrderedRunbook,
): Promise<void> => {
  const { incident, stored, belongsTo, timing } = context;
  const { number } = incident.current;
  const ordered = await incident.settle(stored.orderRestoration({ number, restoration, runbook, command }));
  if (ordered.asks && !(await isApproved(context, restoration))) return;
  // Whatever it waits for may be about what the runbook would change.
  await condition(() => incident.current.status !== 'on-hold');
  if (!isDisturbed(incident.current))
    return fail(context, { number: restoration, runbook }, 'service was back before it began');
  const evidence = ordered.captures ? await looking.captureEvidence({ number, restoration, at: Date.now() }) : [];
  incident.apply(rules.begun(incident.current, restoration, ordered.strategy, now()), {
    action: 'incident.runbook-started',
    detail: { runbook, strategy: ordered.strategy, evidence },
  });
  const owner = {
    belongsTo,
    team: visibilityOf(belongsTo, incident.current),
    revision: restoration,
    executors: [],
    decideWithinMs,
    messagesPerRun: timing.messagesPerRun,
  };
  const end = await runRunbook(
    { ...owner, stored, settle: incident.settle, wants: () => ({ paused: false, stopped: isOver(incident.current) }) },
    { activity: `restore-${restoration}`, kind: 'run', number: 1, purpose: 'run', done: [] },
  );
  if (end?.status !== 'done') return fail(context, { number: restoration, runbook }, end?.outcome ?? 'it has no steps');
  await verify(context, { restoration, runbook }, ordered);
};

/** The question is about exactly this runbook, as it was ordered. */
const isApproved = async (context: IncidentContext, restoration: number): Promise<boolean> => {
  const { incident, stored, belongsTo, heardApprovals } = context;
  const { workflowId, runbooks } = incident.current;
  const { id, status } = await decide(stored, {
    ask: {
      about: 'record',
      belongsTo,
      revision: restoration,
      attempt: restoration,
      executors: [],
      workflowId,
      at: Date.now(),
    },
    heard: heardApprovals,
    isOff: () => !isDisturbed(incident.current),
    keep: (state) => {
      if (incident.current.runbooks[restoration - 1]?.approval === state.id) return;
      incident.apply(rules.asked(incident.current, restoration, state.id), { action: 'incident.runbook-asked' });
    },
  });
  const runbook = { number: restoration, runbook: runbooks[restoration - 1]!.runbook };
  if (status === 'open') await stored.withdrawApproval({ id, status: 'cancelled', at: Date.now() });
  if (
    status === 'approved' &&
    (await stored.passApproval({ id, by: `${workflowId}/restore-${restoration}`, at: Date.now() }))
  )
    return true;
  await fail(
    context,
    runbook,
    status === 'open' ? 'service was back before anybody had decided' : `it was not approved: ${status}`,
  );
  return false;
};

const verify = async (
  context: IncidentContext,
  { restoration, runbook }: { restoration: number; runbook: string },
  { verifyWithinMs, hasTasks }: OrderedRestoration,
): Promise<void> => {
  const { incident } = context;
  if (verifyWithinMs === undefined) {
    // The end of its alerts shows it.
    const outcome = 'its steps are done; the end of the alerts shows whether it has restored';
    incident.apply(rules.ended(incident.current, restoration, { status: 'restored', outcome, at: now() }), {
      action: 'incident.runbook-done',
      detail: { runbook },
    });
    return;
  }
  incident.apply(rules.verifying(incident.current, restoration), {
    action: 'incident.runbook-done',
    detail: { runbook },
  });
  const until = Date.now() + verifyWithinMs;
  for (;;) {
    const found = await lookOnce(context, restoration);
    if (found.result === 'pass') {
      const restored = rules.restoredByRunbook(incident.current, restoration, found.detail, now());
      const counted = hasTasks && restored.restoredBy ? { ...restored, restoredBy: 'person' as const } : restored;
      incident.apply(counted, { action: 'incident.restored', detail: { runbook, evidence: found } });
      return;
    }
    if (Date.now() + lookEveryMs > until || !isDisturbed(incident.current))
      return fail(context, { number: restoration, runbook }, `its evidence did not pass: ${found.detail}`);
    await sleep(lookEveryMs);
  }
};

const lookOnce = ({ incident }: IncidentContext, restoration: number) =>
  looking.lookAtRecovery({ number: incident.current.number, restoration, at: Date.now() });

const fail = async (
  context: IncidentContext,
  { number, runbook }: Pick<OrderedRunbook, 'number' | 'runbook'>,
  outcome: string,
): Promise<void> => {
  const { incident } = context;
  incident.apply(rules.ended(incident.current, number, { status: 'failed', outcome, at: now() }), {
    action: 'incident.runbook-failed',
    reason: outcome,
    detail: { runbook },
  });
  if (!isDisturbed(incident.current)) return;
  await notify(context, `runbook-failed/${number}`, responsibleFor(incident.current), {
    reason: 'incident-runbook-failed',
  });
};
