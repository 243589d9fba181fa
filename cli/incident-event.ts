import type { LedgerEntry } from '../domain/audit.ts';
import { when } from './print.ts';

/** An entry of an incident's ledger, as the API shows it. */
export type Event = Pick<LedgerEntry, 'at' | 'actor' | 'action' | 'subject' | 'reason' | 'detail'>;

/** What a sentence needs of the events before. */
export interface Before {
  severity?: string | undefined;
  /** The name of each command, by the subject of its entries. */
  commands: ReadonlyMap<string, string>;
}

type Detail = Readonly<Record<string, unknown>>;
type Sentence = (detail: Detail, before: Before) => string;

/** What somebody did, or what happened, so that it reads on from the name of who it was. */
export const eventText = (event: Event, before: Before): string => {
  const { action, subject, detail = {} } = event;
  if (action.startsWith('effect.')) return effectText(action, subject, detail);
  if (action === 'command.refused' || action === 'command.parked')
    return `asked in vain: ${verbOf(before.commands.get(subject) ?? 'a command')}`;
  const sentence = sentences[action];
  return sentence ? sentence(detail, before) : usual(action, subject, detail);
};

const sentences: Readonly<Record<string, Sentence>> = {
  'incident.accepted': (of) =>
    `opened it${of['kind'] === 'drill' ? ' as a drill' : of['kind'] === 'backfilled' ? ' afterwards' : ''}: ${word(of, 'title')} (${word(of, 'severity')})`,
  'incident.opened': () => 'began to respond',
  'incident.alerts-changed': (of) => alerts(of),
  'incident.severity-raised': (of) => `raised the severity, since an alert is worse: ${alerts(of)}`,
  'incident.relapsed': () => 'it is there again: the recovery did not last',
  'incident.reopened': () => 'opened it again',
  'incident.recovered': () => 'none of its alerts fires any more',
  'incident.paged': (of) => `turned to level ${level(of)}: ${people(of)}`,
  'incident.escalation-exhausted': (of) =>
    `nobody is left to page${people(of) === '' ? '' : `; last of all ${people(of)}`}`,
  'incident.escalation-waits': (of) => `pages nobody until ${moment(of, 'until')}`,
  'incident.acknowledged': () => 'has it',
  'incident.acknowledgement-expired': () => 'pages anew, since nothing has moved',
  'incident.unacknowledged': () => 'has it no more: it is paged anew',
  'incident.assigned': (of) => `assigned it to ${word(of, 'to')}`,
  'incident.escalated': () => 'paged the next level',
  'incident.snoozed': (of) => `snoozed it until ${moment(of, 'until')}`,
  'incident.snooze-expired': () => 'the snooze is over',
  'incident.triaged': (of) =>
    `said that it is about ${word(of, 'service')}${of['environment'] === undefined ? '' : ` in ${word(of, 'environment')}`}`,
  'incident.severity-set': (of, { severity }) =>
    `severity ${severity === undefined ? '' : `${severity} to `}${word(of, 'severity')}`,
  'incident.prioritized': (of) => `impact ${word(of, 'impact')}, urgency ${word(of, 'urgency')}`,
  'incident.role-set': (of) => `made ${word(of, 'person')} ${word(of, 'role')}${more(of, 'note')}`,
  'incident.mitigating': (of) => `mitigates it by ${word(of, 'strategy')}${more(of, 'note')}`,
  'incident.not-similar': (of) => `said that it is not the same as incident ${word(of, 'other')}`,
  'incident.known-error-offered': (of) => `offered what is known: problem ${list(of, 'problems')}`,
  'incident.suggested': (of) => `suggested ${list(of, 'suggested')}`,
  'incident.runbook-ordered': (of) => `ordered the runbook ${word(of, 'runbook')}`,
  'incident.runbook-asked': () => 'asks whether the runbook may run',
  'incident.runbook-started': (of) => `started the runbook ${word(of, 'runbook')}`,
  'incident.runbook-done': (of) => `carried out the runbook ${word(of, 'runbook')}`,
  'incident.runbook-failed': (of) => `the runbook ${word(of, 'runbook')} has not restored it`,
  'incident.held': (of) => `put it on hold for ${word(of, 'why')} until ${moment(of, 'until')}`,
  'incident.resumed': () => 'works on it again',
  'incident.hold-expired': () => 'the hold is over',
  'incident.restored': (of) =>
    of['runbook'] === undefined
      ? `restored it${more(of, 'note')}`
      : `the runbook ${word(of, 'runbook')} has restored it`,
  'incident.resolved': (of) => `resolved it${more(of, 'solution')}`,
  'incident.noted': (of) =>
    `noted: ${word(of, 'text')}${of['happenedAt'] === undefined ? '' : ` (of ${moment(of, 'happenedAt')})`}`,
  'incident.status-reported': (of) =>
    `told the stakeholders${of['public'] === true ? ' and the public' : ''}: ${word(of, 'text')}`,
  'incident.status-sent': () => 'sent that to the stakeholders',
  'incident.published': (of) => `published it as ${word(of, 'status')}`,
  'incident.rated': (of) => `rated it ${word(of, 'score')} of 5${more(of, 'comment')}`,
  'incident.update-chased': () => 'asked for news for the stakeholders',
  'incident.split': (of) => `split off ${count(of['alerts'], 'alert')}${more(of, 'title')}`,
  'incident.split-off': (of) => `made incident ${word(of, 'into')} of them`,
  'incident.split-off-nothing': () => 'made no incident of them',
  'incident.linked': (of) => `made it a part of incident ${word(of, 'parent')}`,
  'incident.unlinked': () => 'took its parent away',
  'incident.clock-at-risk': (of) => `its ${word(of, 'clock')} is nearly over: due ${moment(of, 'dueAt')}`,
  'incident.clock-breached': (of) => `its ${word(of, 'clock')} is over: it was due ${moment(of, 'dueAt')}`,
  'incident.review': () => 'asked for a review',
  'incident.review-written': () => 'wrote the review',
  'incident.review-chased': (of) => `asked ${word(of, 'owner') || 'the team'} for the review`,
  'incident.action-chased': (of) => `asked ${word(of, 'owner')} for an action of the review${more(of, 'action')}`,
  'incident.action-done': (of) => `did action ${word(of, 'action')} of the review${more(of, 'note')}`,
  'incident.closed': () => 'closed it',
  'incident.cancelled': (of) =>
    of['into'] === undefined
      ? `cancelled it${of['code'] === undefined ? '' : ` as ${word(of, 'code')}`}`
      : `merged it into incident ${word(of, 'into')}`,
  'alert.shelved': (of) => `shelved an alert until ${moment(of, 'until')}`,
  'alert.unshelved': () => 'took an alert off the shelf',
  'runbook.started': (of) => `began with the steps of ${word(of, 'runbook')}`,
  'report.written': () => 'wrote a report',
  'task.reassigned': (of) => `gave a task to ${word(of, 'to')}`,
};

/** `effect/incident/12/page/LOOP/PLACE/PERSON/CHANNEL/ROUND` is a page; any other is a message, or a step of a runbook. */
const effectText = (action: string, subject: string, { kind, detail }: Detail): string => {
  const [, person, channel = ''] = /\/page\/[^/]+\/[^/]+\/([^/]+)\/([^/]+)\/[^/]+$/.exec(subject) ?? [];
  const name = channel === '' ? String(kind) : channel.replace(/\.\d+$/, '');
  const how = name === 'email' ? 'mail' : name;
  const failure = typeof detail === 'string' ? `: ${withoutHashes(detail)}` : '';
  if (person === undefined) {
    const about = /^effect\/incident\/\d+\/([a-z-]+)/.exec(subject)?.[1]?.replaceAll('-', ' ');
    const what = `${how}${about === undefined ? '' : ` (${about})`}`;
    return action === 'effect.sent' ? `sent by ${what}` : `could not send by ${what}${failure}`;
  }
  if (action === 'effect.sent') return `paged ${person} by ${how}`;
  return action === 'effect.dropped'
    ? `need not page ${person} by ${how}${failure}`
    : `could not page ${person} by ${how}${failure}`;
};

/** `step.done` is `step restart: done`. */
const usual = (action: string, subject: string, detail: Detail): string => {
  const [noun = '', verb = ''] = action.split('.');
  const name =
    noun === 'step' ? word(detail, 'step') : noun === 'approval' ? subject.split('/').slice(1).join('/') : '';
  return `${noun}${name === '' ? '' : ` ${withoutHashes(name)}`}: ${verb.replaceAll('-', ' ')}`;
};

/** `set-severity` of `setIncidentSeverity`. */
const verbOf = (command: string): string =>
  command.replace('Incident', '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const withoutHashes = (text: string): string => text.replaceAll(/\b[0-9a-f]{40,}\b/g, '…');

const word = (of: Detail, name: string): string => {
  const value = of[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const more = (of: Detail, name: string): string => (word(of, name) === '' ? '' : `: ${word(of, name)}`);

const moment = (of: Detail, name: string): string => when(word(of, name));

const list = (of: Detail, name: string): string => {
  const value = of[name];
  return Array.isArray(value) ? value.map(String).join(', ') : '';
};

const people = (of: Detail): string => list(of, 'people');

/** Counted from 1, as mails do. */
const level = ({ level: from0, loop }: Detail): string =>
  `${Number(from0 ?? 0) + 1}${typeof loop === 'number' && loop > 0 ? `, round ${loop + 1}` : ''}`;

const count = (of: unknown, noun: string): string => {
  const many = Array.isArray(of) ? of.length : 0;
  return `${many} ${noun}${many === 1 ? '' : 's'}`;
};

const alerts = ({ alerts: total, firing, flapping, worst }: Detail): string =>
  [
    `${String(firing)} of ${String(total)} alerts fire`,
    ...(typeof flapping === 'number' ? [`${flapping} flap`] : []),
    ...(typeof worst === 'string' && firing !== 0 ? [`the worst is ${worst}`] : []),
  ].join(', ');
