import type { Incident, IncidentTiming } from '../../domain/incident.ts';
import type { IncidentAsk, IncidentCommand } from '../../domain/incident/ask.ts';
import * as ask from '../../domain/incident/ask.rules.ts';
import { hold, resume } from '../../domain/incident/hold.rules.ts';
import * as link from '../../domain/incident/link.rules.ts';
import { startRunbook } from '../../domain/incident/restoration.rules.ts';
import { completeAction, requestReview, signReview, writeReview } from '../../domain/incident/review.rules.ts';
import { incidentUpdates } from '../incident.messages.ts';
import type { Answers } from '../track/index.ts';
import type { IncidentContext } from './context.ts';

/** Takes commands for the incident. */
export const listen = ({ incident, timing }: IncidentContext): void =>
  incident.accepts<IncidentCommand>(incidentUpdates, answers(timing));

const answers = (timing: IncidentTiming): Answers<Incident, IncidentCommand> => {
  const timed =
    <Type extends IncidentAsk['type']>(
      transition: (incident: Incident, why: IncidentCommand<Type>, timing: IncidentTiming) => Incident,
    ) =>
    (incident: Incident, why: IncidentCommand<Type>): Incident =>
      transition(incident, why, timing);
  return {
    acknowledge: ['incident.acknowledged', timed(ask.acknowledge)],
    unacknowledge: ['incident.unacknowledged', timed(ask.unacknowledge)],
    assign: ['incident.assigned', timed(ask.assign)],
    escalate: ['incident.escalated', timed(ask.escalate)],
    snooze: ['incident.snoozed', timed(ask.snooze)],
    triage: ['incident.triaged', timed(ask.triage)],
    'set-severity': ['incident.severity-set', timed(ask.setSeverity)],
    prioritize: ['incident.prioritized', timed(ask.prioritize)],
    'set-role': ['incident.role-set', timed(ask.setRole)],
    mitigate: ['incident.mitigating', timed(ask.mitigate)],
    'start-runbook': ['incident.runbook-ordered', startRunbook],
    hold: ['incident.held', hold],
    resume: ['incident.resumed', timed(resume)],
    restore: ['incident.restored', timed(ask.restore)],
    resolve: ['incident.resolved', timed(ask.resolve)],
    reopen: ['incident.reopened', timed(ask.reopen)],
    cancel: ['incident.cancelled', timed(ask.cancel)],
    merge: ['incident.cancelled', timed(ask.merge)],
    split: ['incident.split', link.split],
    link: ['incident.linked', link.link],
    unlink: ['incident.unlinked', link.unlink],
    'request-review': ['incident.review', timed(requestReview)],
    'write-review': ['incident.review-written', writeReview],
    'sign-review': ['incident.closed', signReview],
    'complete-action': ['incident.action-done', completeAction],
    close: ['incident.closed', timed(ask.close)],
    workaround: ['incident.workaround-applied', timed(ask.applyWorkaround)],
    note: ['incident.noted', timed(ask.note)],
    'report-status': ['incident.status-reported', timed(ask.reportStatus)],
    'complete-task': ['task.closed', timed(ask.completeTask)],
    'reassign-task': ['task.reassigned', timed(ask.reassignTask)],
  };
};
