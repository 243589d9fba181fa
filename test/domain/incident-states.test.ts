import { describe, expect, test } from 'vitest';
import type { Incident, IncidentIn, IncidentInput, IncidentStatus, IncidentTiming } from '../../domain/incident.ts';
import type { IncidentAsk } from '../../domain/incident/ask.ts';
import * as ask from '../../domain/incident/ask.rules.ts';
import * as held from '../../domain/incident/hold.rules.ts';
import { nextDeadline } from '../../domain/incident/deadline.rules.ts';
import { hearAlerts } from '../../domain/incident/alerts.rules.ts';
import { snoozeOver } from '../../domain/incident/escalation.rules.ts';
import { open } from '../../domain/incident/record.rules.ts';
import { openReview, signReview, writeReview } from '../../domain/incident/review.rules.ts';
import { ReviewDocument } from '../../domain/incident/review.ts';
import { responseOf, usualSeverityPolicy } from '../../domain/severity-policy.ts';
import { Severity } from '../../domain/severity.ts';

const begun = '2026-11-28T12:00:00.000Z';
const later = (minutes: number): string => new Date(Date.parse(begun) + minutes * 60_000).toISOString();
const timing: IncidentTiming = {
  responses: Object.fromEntries(
    Severity.options.map((severity) => [severity, responseOf(usualSeverityPolicy, severity)]),
  ) as IncidentTiming['responses'],
  priorities: usualSeverityPolicy.priorities,
  groupWaitMs: 0,
  resolveDelayMs: 120_000,
  reopenWindowMs: 1_800_000,
  relapseAfterMs: 900_000,
  snoozeWithinMs: 86_400_000,
  messagesPerRun: 1_000,
};
const input = (more: Partial<IncidentInput> = {}): IncidentInput => ({
  number: 12,
  workflowId: 'incident/12',
  kind: 'real',
  title: 'Nobody can pay',
  team: 'shop',
  service: 'checkout',
  environment: 'production',
  severity: 'SEV-3',
  detectedBy: { by: 'alert', source: 'monitoring' },
  catalogueRevision: 1,
  detectedAt: begun,
  openedAt: begun,
  timing,
  ...more,
});

const asked = (incident: Incident, type: IncidentAsk['type'], more: object = {}, minutes = 1, by = 'ana'): Incident => {
  const transitions = {
    ...ask,
    ...held,
    'set-severity': ask.setSeverity,
    'set-role': ask.setRole,
  } as unknown as Record<string, (incident: Incident, ask: object, timing: IncidentTiming) => Incident>;
  const why = { type, command: 'c', by: { type: 'person', name: by }, at: later(minutes), reason: 'because', ...more };
  return transitions[type]!(incident, why, timing);
};

/** An incident in each state, by the shortest way. */
const triaged = open(input());
const investigating = asked(triaged, 'acknowledge');
const mitigating = asked(investigating, 'mitigate', { strategy: 'rollback' });
const monitoring = asked(mitigating, 'restore');
const resolved = asked(monitoring, 'resolve', { solution: 'Rolled back', code: 'fixed' });
const states: Partial<Record<IncidentStatus, Incident>> = {
  detected: open(input({ service: undefined })),
  triaged,
  investigating,
  mitigating,
  'on-hold': asked(mitigating, 'hold', { why: 'vendor', until: later(60) }),
  monitoring,
  resolved,
  cancelled: asked(triaged, 'cancel', { code: 'false-positive' }),
};

describe('an incident', () => {
  test.each(Object.entries(states))('can be %s', (status, incident) => {
    expect(incident.status).toBe(status);
  });

  // What the handbook has as ways from a state; each other one is refused.
  const moves: [IncidentAsk['type'], object, IncidentStatus, IncidentStatus[]][] = [
    ['triage', { service: 'checkout' }, 'triaged', ['detected']],
    ['mitigate', { strategy: 'restart' }, 'mitigating', ['investigating', 'mitigating', 'monitoring']],
    ['hold', { why: 'vendor', until: later(99) }, 'on-hold', ['investigating', 'mitigating']],
    ['resume', {}, 'mitigating', ['on-hold']],
    ['restore', {}, 'monitoring', ['mitigating']],
    ['reopen', {}, 'investigating', ['resolved']],
    ['cancel', { code: 'not-an-incident' }, 'cancelled', ['detected', 'triaged', 'investigating']],
    [
      'resolve',
      { solution: 'x', code: 'fixed', strategy: 'other' },
      'resolved',
      ['triaged', 'investigating', 'mitigating', 'monitoring'],
    ],
    ['close', {}, 'closed', ['resolved']],
  ];
  const table = moves.flatMap(([type, more, to, from]) =>
    Object.entries(states).map(([status, incident]) => ({
      type,
      more,
      status,
      incident,
      to,
      may: from.includes(status as IncidentStatus),
    })),
  );

  test.each(table.filter(({ may, type }) => may && type !== 'triage'))(
    'that is $status may $type',
    ({ type, more, incident, to }) => {
      expect(asked(incident, type, more, 2).status).toBe(to);
    },
  );

  test.each(table.filter(({ may, type }) => !may && type !== 'triage'))(
    'that is $status may not $type, and says why',
    ({ type, more, incident, status }) => {
      expect(() => asked(incident, type, more, 2)).toThrow(`incident 12 is ${status}: `);
    },
  );

  test('keeps the intervals in which users felt it, so that durations are sums', () => {
    const again = asked(resolved, 'reopen', {}, 10);

    expect(again.open).toEqual([{ from: begun, until: later(1) }, { from: later(10) }]);
    expect([again.reopened, again.times.restoredAt]).toEqual([1, undefined]);
  });

  test('is lowered by its commander alone before service is restored, and by anybody afterwards', () => {
    expect(() => asked(investigating, 'set-severity', { severity: 'SEV-4' })).toThrow('only the commander');
    const led = asked(investigating, 'set-role', { role: 'commander', person: 'ana' });
    expect(asked(led, 'set-severity', { severity: 'SEV-4' }).severity).toBe('SEV-4');
    expect(asked(monitoring, 'set-severity', { severity: 'SEV-5' }, 3, 'ben').severity).toBe('SEV-5');
  });

  test('pages nobody further once its severity does not page', () => {
    const led = asked(triaged, 'set-role', { role: 'commander', person: 'ana' });
    const lowered = asked(led, 'set-severity', { severity: 'SEV-5' });
    expect([lowered.escalation.status, nextDeadline(lowered, timing)]).toEqual(['stopped', undefined]);
    expect(asked(led, 'set-severity', { severity: 'SEV-4' }).escalation.status).toBe(
      responseOf(usualSeverityPolicy, 'SEV-4').pages ? 'running' : 'stopped',
    );
    expect(asked(lowered, 'set-severity', { severity: 'SEV-3' }).escalation.status).toBe('running');
  });

  const exhausted: Incident = { ...triaged, escalation: { ...triaged.escalation, status: 'exhausted' } };
  test.each([
    ['goes on to be escalated', triaged, 'running'],
    ['that somebody had is escalated again', investigating, 'running'],
    ['that never paged does not begin to', open(input({ severity: 'SEV-5' })), 'stopped'],
    ['that was written down afterwards does not begin to', open(input({ kind: 'backfilled' })), 'stopped'],
    ['that has paged everybody does not begin anew', exhausted, 'exhausted'],
    [
      'that somebody had and that does not page stays so',
      asked(open(input({ severity: 'SEV-5' })), 'acknowledge'),
      'stopped',
    ],
  ])('after a snooze %s', (_, incident, status) => {
    const snoozed = asked(incident, 'snooze', { until: later(30) }, 2);
    expect(snoozeOver(snoozed, later(30)).escalation.status).toBe(status);
  });

  test.each([
    ['restore', mitigating, { restoredAt: later(5) }, 'restoredAt'],
    ['restore', mitigating, { restoredAt: later(-1) }, 'restoredAt'],
    ['resolve', mitigating, { solution: 'x', code: 'fixed', restoredAt: later(-1) }, 'restoredAt'],
    ['restore', mitigating, { restoredAt: '0000-01-01T00:00:00Z' }, 'restoredAt'],
    ['note', mitigating, { text: 'x', happenedAt: later(5) }, 'happenedAt'],
  ] as const)('refuses to %s at a time that cannot be', (type, incident, more, field) => {
    expect(() => asked(incident, type, more, 2)).toThrow(expect.objectContaining({ code: 'invalid', field }));
  });

  test('takes a time that was, or is about now by another clock', () => {
    const again = asked(asked(resolved, 'reopen', {}, 10), 'mitigate', { strategy: 'restart' }, 11);
    expect(asked(again, 'restore', { restoredAt: later(10) }, 12).times.restoredAt).toBe(later(10));
    expect(asked(mitigating, 'restore', { restoredAt: later(2.5) }, 2).times.restoredAt).toBe(later(2));
    expect(() => asked(again, 'restore', { restoredAt: later(9) }, 12)).toThrow('since when users feel it');
    expect(asked(mitigating, 'note', { text: 'x', happenedAt: later(-60) }, 2).status).toBe('mitigating');
  });

  test.each([
    [1, 1, 1],
    [1, 3, 3],
    [2, 2, 3],
    [3, 1, 3],
    [3, 3, 5],
  ])('of impact %i and urgency %i has priority %i', (impact, urgency, priority) => {
    expect(asked(investigating, 'prioritize', { impact, urgency }).priority).toBe(priority);
  });

  test('is not resolved while its alerts fire', () => {
    const situation = {
      news: 2,
      total: 3,
      firing: 2,
      worst: 'error' as const,
      severity: 'SEV-3' as const,
      startedAt: begun,
    };
    const heard = hearAlerts(mitigating, situation, later(2), timing)!.incident;

    expect(() => asked(heard, 'resolve', { solution: 'x', code: 'fixed' })).toThrow('2 of its alerts still fire');
  });

  test('that is merged is a duplicate of another one, never of itself', () => {
    expect(() => asked(triaged, 'merge', { into: 12 })).toThrow('no duplicate of itself');
    expect(asked(mitigating, 'merge', { into: 11 })).toMatchObject({ outcome: 'a duplicate of incident 11' });
  });
});

describe('a turn of the escalation', () => {
  const taken = asked(triaged, 'acknowledge');
  const snoozed = asked(triaged, 'snooze', { until: later(9) });

  test.each([
    ['somebody has taken it and gives it back', asked(taken, 'unacknowledge', {}, 2)],
    ['the next level is asked for', asked(triaged, 'escalate')],
    ['its severity is raised', asked(triaged, 'set-severity', { severity: 'SEV-1' })],
    ['a snooze is over', snoozeOver(snoozed, later(9))],
  ])('sends pages of its own once %s: the one before may have sent some that were dropped', (_, incident) => {
    expect(incident.escalation.round).toBeGreaterThan(triaged.escalation.round);
  });
});

describe('an acknowledgement in the source', () => {
  const heard = (incident: Incident, acknowledgedAt: string, news = 1): Incident =>
    hearAlerts(incident, { news, total: 1, firing: 1, startedAt: begun, acknowledgedAt }, later(5), timing)!.incident;

  test('counts, also one from before the incident was opened', () => {
    expect(heard(triaged, later(-1)).acknowledgement?.by).toBe('its source');
  });

  test('that somebody has taken back does not count again, a newer one does', () => {
    const taken = asked(heard(triaged, later(1)), 'unacknowledge', {}, 3);

    expect(heard(taken, later(1), 2).acknowledgement).toBeUndefined();
    expect(heard(taken, later(4), 2).acknowledgement?.by).toBe('its source');
  });
});

test('an alert that fires when its incident is closed is none of its own', () => {
  const closed = asked(resolved, 'close');
  const fires = { news: 2, total: 1, firing: 1, startedAt: later(9) };

  expect(closed.status).toBe('closed');
  expect(hearAlerts(closed, fires, later(9), timing)).toBeUndefined();
});

describe('a review', () => {
  const document = ReviewDocument.parse({ overview: 'Nobody could pay', factors: ['The pool has no limit'] });
  const by = (name: string, lentBy?: string) => ({ type: 'person' as const, name, ...(lentBy && { lentBy }) });
  const why = (who: ReturnType<typeof by>) => ({ command: 'c', by: who, at: later(20) });
  const first = openReview(resolved as IncidentIn<'resolved'>, 'to learn', later(10), timing);
  const written = (who: ReturnType<typeof by>) =>
    writeReview(first, { type: 'write-review', document, version: 1, ...why(who) });

  test('is signed by nobody who wrote it, whoever lent whom a token', () => {
    const sign = (wrote: ReturnType<typeof by>, signs: ReturnType<typeof by>) => () =>
      signReview(written(wrote), { type: 'sign-review', ...why(signs) }).status;

    expect(sign(by('ana'), by('ben'))()).toBe('closed');
    for (const [wrote, signs] of [
      [by('ana'), by('ana')],
      [by('ana'), by('ben', 'ana')],
      [by('cid', 'ana'), by('ana')],
    ] as const)
      expect(sign(wrote, signs)).toThrow('somebody else does');
  });

  test('goes on where it was when its incident is reopened and reviewed again', () => {
    const again = asked(
      asked(written(by('ana')), 'reopen', {}, 30),
      'resolve',
      { solution: 'x', strategy: 'other' },
      40,
    );
    const { review } = openReview(again as IncidentIn<'resolved'>, 'to learn', later(41), timing);

    expect(review).toMatchObject({
      version: 3,
      status: 'draft',
      authors: ['ana'],
      document: { factors: document.factors },
    });
  });
});

describe('what is due next', () => {
  test.each([
    ['a page, at once', triaged, 'escalate', 0],
    ['the end of an acknowledgement without progress', investigating, 'acknowledgement-over', 241],
    ['the end of a hold', states['on-hold']!, 'hold-over', 60],
    ['the end of the time to reopen', resolved, 'reopening-over', 31],
  ])('is %s', (_, incident, what, minute) => {
    expect(nextDeadline(incident, timing)).toEqual({ what, at: Date.parse(later(minute)) });
  });

  test('is nothing for what is over', () => {
    expect(nextDeadline(states.cancelled!, timing)).toBeUndefined();
  });

  test('is no first page about what has ended while more alerts were waited for', () => {
    const waits = { ...timing, groupWaitMs: 30_000 };
    const first = open(input({ timing: waits }));
    const heard = (news: number, firing: number, more: object): Incident =>
      hearAlerts(first, { news, total: 1, firing, ...more }, later(0.25), waits)!.incident;

    expect(nextDeadline(heard(1, 1, { startedAt: begun }), waits)?.what).toBe('escalate');
    const passed = heard(2, 0, { endedAt: later(0.25) });
    expect(nextDeadline(passed, waits)?.what).toBe('recovered');
    for (const wanted of [
      asked(passed, 'escalate', {}, 0.5),
      asked(passed, 'set-severity', { severity: 'SEV-1' }, 0.5),
    ])
      expect(nextDeadline(wanted, waits)).toEqual({ what: 'escalate', at: Date.parse(later(0.5)) });
    // On the shelf it fires on: nothing says when it would recover.
    expect(nextDeadline(heard(2, 0, {}), waits)?.what).toBe('escalate');
  });

  test('is the recovery once no alert has fired for a while, unless one fires again', () => {
    const quiet = { news: 1, total: 1, firing: 0, endedAt: later(5) };
    const heard = hearAlerts(investigating, quiet, later(5), timing)!.incident;
    expect(nextDeadline(heard, timing)).toEqual({ what: 'recovered', at: Date.parse(later(7)) });

    const again = hearAlerts(heard, { news: 2, total: 1, firing: 1, startedAt: later(6) }, later(6), timing)!.incident;
    expect(nextDeadline(again, timing)?.what).toBe('acknowledgement-over');
  });
});
