import { condition, continueAsNew } from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import type { Incident, IncidentInput } from '../../domain/incident.ts';
import { nextDeadline } from '../../domain/incident/deadline.rules.ts';
import { isOver, open } from '../../domain/incident/record.rules.ts';
import { createStored, createTurns } from '../activities.ts';
import { unlessCancelled } from '../cancellation.ts';
import { approvalDecided } from '../approval.messages.ts';
import { alertsChanged } from '../incident.messages.ts';
import { now } from '../time.ts';
import { type Carried, track } from '../track/index.ts';
import { act } from './act.ts';
import { hasOtherClocks, readClocks } from './clock.ts';
import { conclude, reportEnd } from './conclude.ts';
import type { IncidentContext } from './context.ts';
import { listen } from './hear.ts';
import { lookAtAlerts } from './alerts.ts';
import { isToSuggest, restoreAsOrdered, suggest } from './restore.ts';
import { isToSplit, split } from './split.ts';
import { sendUpdate, tellAssignee } from './tell.ts';

/** What a run hands to the next, beside the record. */
type CarriedIncident = Pick<IncidentContext, 'toldAssignee' | 'hasSuggested' | 'hasReported'>;

/**
 * Carries one incident from its detection to its end. It waits for people, for its alerts and for its next deadline, whichever
 * comes first, for as long as it takes; it continues as new wherever nothing is under way.
 */
export async function manageIncident(
  input: IncidentInput,
  carried?: Carried<Incident>,
  before?: CarriedIncident,
): Promise<void> {
  const { number, timing } = input;
  const stored = createStored(createTurns());
  const belongsTo = incidentReference(number);
  const incident = track<Incident>({
    initial: open(input),
    opening: { by: evenkeel, at: now(), action: 'incident.opened' },
    carried,
    subject: belongsTo,
    belongsTo,
    save: stored.saveIncident,
    again: (next) => {
      const { toldAssignee, hasSuggested, hasReported } = context;
      return continueAsNew<typeof manageIncident>(input, next, { toldAssignee, hasSuggested, hasReported });
    },
    messagesPerRun: timing.messagesPerRun,
  });
  const context: IncidentContext = {
    incident,
    belongsTo,
    stored,
    timing,
    told: incident.counts(alertsChanged),
    // What the run before was told, it may not have looked at.
    looked: carried === undefined ? 0 : -1,
    heardApprovals: incident.counts(approvalDecided),
    hasSuggested: before?.hasSuggested ?? false,
    toldAssignee: carried === undefined ? incident.current.assignee : before?.toldAssignee,
    warnings: [],
    clockedBy: undefined,
    hasReported: before?.hasReported ?? false,
    isRestoring: false,
  };
  listen(context);

  await incident.unlessRefused(carryOut(context));
}

const carryOut = async (context: IncidentContext): Promise<void> => {
  const { incident, timing, told } = context;
  const isTold = (): boolean => told() !== context.looked;
  const mustContinue = (): boolean => incident.mustContinue && !context.isRestoring;
  restoreAsOrdered(context).catch(unlessCancelled);
  while (!isOver(incident.current)) {
    const { current } = incident;
    if (mustContinue()) await incident.continueAsNew(() => !context.isRestoring);
    const due = nextDeadline(current, timing, context.warnings);
    const isDue = (): boolean => due !== undefined && due.at <= Date.now();
    // Pages first: whoever waits for one waits for nothing else.
    if (due?.what === 'escalate' && isDue()) await act(context, due);
    else if (isTold()) await lookAtAlerts(context);
    else if (hasOtherClocks(context)) await readClocks(context);
    else if (due && isDue()) await act(context, due);
    else if (isToSplit(context)) await split(context);
    else if (current.updates.unsent.length > 0) await sendUpdate(context);
    else if (isToSuggest(context)) await suggest(context);
    else if (current.assignee !== context.toldAssignee) await tellAssignee(context);
    else if (current.status === 'closed' && !context.hasReported) await reportEnd(context);
    else await waitFor(() => incident.current !== current || isTold() || mustContinue(), due?.at);
  }
  await conclude(context);
};

const waitFor = async (change: () => boolean, until: number | undefined): Promise<void> => {
  if (until === undefined) await condition(change);
  else await condition(change, Math.max(1, until - Date.now()));
};
