import { recovered, relapsed, verified } from '../../domain/incident/alerts.rules.ts';
import { closed } from '../../domain/incident/ask.rules.ts';
import type { Deadline } from '../../domain/incident/deadline.rules.ts';
import { acknowledgementExpired, snoozeOver } from '../../domain/incident/escalation.rules.ts';
import { resumed } from '../../domain/incident/hold.rules.ts';
import { progressed } from '../../domain/incident/record.rules.ts';
import { chased, nextChase, openReview, reviewReason } from '../../domain/incident/review.rules.ts';
import { now } from '../time.ts';
import { lookAtAlerts } from './alerts.ts';
import { warn } from './clock.ts';
import { type IncidentContext, notify } from './context.ts';
import { page } from './page.ts';

/** Does what is due. The record is asked again after each wait: something else may have come first. */
export async function act(context: IncidentContext, { what }: Deadline): Promise<void> {
  const { incident, timing } = context;
  const { current } = incident;
  const at = now();
  switch (what) {
    case 'escalate':
      return page(context);
    case 'acknowledgement-over': {
      const { acknowledgement } = current;
      incident.apply(acknowledgementExpired(current, at, timing), {
        action: 'incident.acknowledgement-expired',
        reason: `${acknowledgement?.by} acknowledged it at ${acknowledgement?.at} and has not moved it on`,
      });
      return;
    }
    case 'snooze-over':
      incident.apply(snoozeOver(current, at), { action: 'incident.snooze-expired' });
      return;
    case 'hold-over': {
      if (current.status !== 'on-hold') return;
      const { rev, assignee } = current;
      incident.apply(progressed(resumed(current, at), at, timing), { action: 'incident.hold-expired' });
      return notify(context, `hold-over/${rev}`, { person: assignee }, { reason: 'incident-hold-over' });
    }
    case 'recovered': {
      const next = recovered(current, at, timing);
      if (next)
        incident.apply(next, { action: next.status === 'resolved' ? 'incident.resolved' : 'incident.recovered' });
      return;
    }
    case 'verified':
      if (current.status === 'monitoring')
        incident.apply(verified(current, at, timing), { action: 'incident.resolved' });
      return;
    case 'relapsed':
      if (current.status === 'monitoring')
        incident.apply(relapsed(current, at, timing), {
          action: 'incident.relapsed',
          reason: 'its alerts have not ended',
        });
      return;
    case 'update-due': {
      const { updates, roles, assignee, team } = current;
      const chasedOnce = { ...current, updates: { ...updates, chased: updates.chased + 1 } };
      const { rev } = incident.apply(chasedOnce, { action: 'incident.update-chased' });
      const person = roles['customer-liaison'] ?? roles.commander ?? (assignee === 'evenkeel' ? undefined : assignee);
      return notify(context, `update-due/${rev}`, person === undefined ? { team } : { person }, {
        reason: 'incident-update-due',
      });
    }
    case 'clock':
      return warn(context);
    case 'chase':
      return chase(context);
    case 'reopening-over':
      return endReopening(context);
  }
}

/** Nothing opened it again. What its alerts have done by now counts, whether it was told or not. */
const endReopening = async (context: IncidentContext): Promise<void> => {
  const { incident, timing } = context;
  await lookAtAlerts(context);
  const { current } = incident;
  if (current.status !== 'resolved' || Date.parse(current.reopensUntil) > Date.now()) return;
  const because = reviewReason(current, timing);
  if (because === undefined)
    return void incident.apply(closed(current, current.resolution.solution, now()), { action: 'incident.closed' });
  incident.apply(openReview(current, because, now(), timing), { action: 'incident.review', reason: because });
};

/** Reminds whoever owns the review, or one of its actions, until it is done. */
const chase = async (context: IncidentContext): Promise<void> => {
  const { incident } = context;
  const due = nextChase(incident.current);
  const { review, team } = incident.current;
  if (!due || !review) return;
  const action = due.of === 'review' ? undefined : review.document.actions[due.of];
  const owner = due.of === 'review' ? review.document.owner : action?.owner;
  const next = chased(incident.current, due.of);
  incident.apply(next, {
    action: due.of === 'review' ? 'incident.review-chased' : 'incident.action-chased',
    detail: { owner, ...(action && { action: action.text }) },
  });
  await notify(context, `chased/${next.rev + 1}`, owner === undefined ? { team } : { person: owner }, {
    reason: due.of === 'review' ? 'incident-review-due' : 'incident-action-due',
  });
};
