import type { ApprovalId } from '../id.ts';
import type { Incident, OrderedRunbook } from '../incident.ts';
import type { IncidentCommand } from './ask.ts';
import type { Strategy } from '../strategy.ts';
import { withoutWaits } from './alerts.rules.ts';
import { closedInterval, isDisturbed, notNow } from './record.rules.ts';

/** The runbook that was ordered and has not ended; one at a time. */
export const runbookUnderWay = ({ runbooks }: Incident): OrderedRunbook | undefined =>
  runbooks.find(({ endedAt }) => endedAt === undefined);

/** A person orders a runbook. */
export const startRunbook = (incident: Incident, { runbook, command }: IncidentCommand<'start-runbook'>): Incident => {
  if (!isDisturbed(incident) || incident.status === 'on-hold') throw notNow(incident, 'there is nothing to restore');
  if (incident.service === undefined || incident.environment === undefined)
    throw notNow(incident, 'say first which service it is about, and in which environment');
  return ordered(incident, runbook, command);
};

export const ordered = (incident: Incident, runbook: string, command?: string): Incident => {
  const before = runbookUnderWay(incident);
  if (before) throw notNow(incident, `${before.runbook} is under way`);
  const number = incident.runbooks.length + 1;
  const next = { number, runbook, ...(command === undefined ? {} : { command }), status: 'ordered' as const };
  return { ...incident, runbooks: [...incident.runbooks, next] };
};

type Change = Partial<OrderedRunbook> & Pick<OrderedRunbook, 'status'>;

const changed = (incident: Incident, number: number, change: Change): Incident => ({
  ...incident,
  runbooks: incident.runbooks.map((each) => (each.number === number ? { ...each, ...change } : each)),
});

export const asked = (incident: Incident, number: number, approval: ApprovalId): Incident =>
  changed(incident, number, { status: 'asking', approval });

/** From here on something is done about it, by whoever has it or by the runbook itself. */
export const begun = (incident: Incident, number: number, strategy: Strategy, at: string): Incident => {
  const next = changed(incident, number, { status: 'running', strategy, startedAt: at });
  const { service } = next;
  if (service === undefined || !['triaged', 'investigating', 'mitigating'].includes(next.status)) return next;
  return { ...next, service, assignee: next.assignee ?? 'evenkeel', strategy, status: 'mitigating' };
};

export const verifying = (incident: Incident, number: number): Incident =>
  changed(incident, number, { status: 'verifying' });

export const ended = (
  incident: Incident,
  number: number,
  { status, outcome, at }: { status: 'restored' | 'failed'; outcome: string; at: string },
): Incident => changed(incident, number, { status, outcome, endedAt: at });

/** The evidence shows that service is back; whether that lasts is seen. */
export const restoredByRunbook = (incident: Incident, number: number, outcome: string, at: string): Incident => {
  const done = ended(incident, number, { status: 'restored', outcome, at });
  if (done.status !== 'mitigating') return done;
  const times = { ...done.times, mitigatedAt: done.times.mitigatedAt ?? at, restoredAt: at };
  return {
    ...withoutWaits(done),
    status: 'monitoring',
    times,
    open: closedInterval(done.open, at),
    restoredBy: 'automation',
  };
};
