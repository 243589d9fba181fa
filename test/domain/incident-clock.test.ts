import { describe, expect, test } from 'vitest';
import { clockInputs, nextWarning, warned } from '../../domain/incident/clock.rules.ts';
import { type ClockFacts, clocksOf, clockTermsOf, warningsOf } from '../../domain/incident/clock.ts';
import type { Incident, IncidentTiming } from '../../domain/incident.ts';
import { responseOf, SeverityPolicySpec, usualSeverityPolicy } from '../../domain/severity-policy.ts';
import { TeamSpec } from '../../domain/team.ts';

const at = (instant: string): number => Date.parse(instant);
const shown = (instant: number): string => new Date(instant).toISOString().replace(':00.000Z', 'Z');
const team = TeamSpec.parse({ members: [{ person: 'ana', role: 'viewer' }] });
const policy = SeverityPolicySpec.parse({
  responses: {
    'SEV-2': { timeToOwn: { within: '20m' }, timeToResolve: { within: '1d' } },
    'SEV-3': { timeToOwn: { within: '1h', hours: 'working' }, timeToResolve: { within: '8h', hours: 'working' } },
  },
});
const terms = clockTermsOf(policy, team, undefined);
const opened: ClockFacts = {
  kind: 'real',
  status: 'investigating',
  severity: 'SEV-3',
  openedAt: '2026-03-02T16:00:00.000Z',
  times: {},
};
const onHold = (why: 'vendor' | 'change', until?: string) => ({
  pauses: [{ why, from: '2026-03-03T10:00:00.000Z', ...(until === undefined ? {} : { until }) }],
});
const states = (facts: ClockFacts, now: string) =>
  Object.fromEntries(clocksOf(facts, terms, at(now)).map(({ of, state }) => [of, state]));

describe('the clocks of an incident', () => {
  test('stand still on hold for a vendor, and count working hours: the example of the handbook', () => {
    const facts = { ...opened, ...onHold('vendor', '2026-03-03T14:00:00.000Z') };
    const [, resolve] = clocksOf(facts, terms, at('2026-03-03T15:00Z'));

    expect([shown(resolve!.atRiskAt), shown(resolve!.dueAt), resolve!.state]).toEqual([
      '2026-03-04T10:00Z',
      '2026-03-04T12:00Z',
      'running',
    ]);
    expect(states(facts, '2026-03-04T10:00Z')['resolve']).toBe('at-risk');
    expect(states(facts, '2026-03-04T12:00Z')['resolve']).toBe('breached');
  });

  test('go on while it is on hold for what the policy does not name', () => {
    expect(states({ ...opened, ...onHold('vendor') }, '2026-03-03T12:00Z')['resolve']).toBe('paused');
    expect(states({ ...opened, ...onHold('change') }, '2026-03-03T12:00Z')['resolve']).toBe('running');
  });

  test('are met by whoever has it first, and by its resolution, for good', () => {
    const times = { ownedAt: '2026-03-02T16:30:00.000Z', resolvedAt: '2026-03-04T09:00:00.000Z' };

    expect(states({ ...opened, times }, '2026-03-09T09:00Z')).toEqual({ own: 'met', resolve: 'breached' });
  });

  test('say nothing of time to own where it was resolved in time and nobody was needed', () => {
    const resolved = (resolvedAt: string) => states({ ...opened, times: { resolvedAt } }, '2026-03-09T09:00Z');

    expect(resolved('2026-03-02T16:30:00.000Z')).toEqual({ resolve: 'met' });
    expect(resolved('2026-03-03T09:30:00.000Z')).toEqual({ own: 'breached', resolve: 'met' });
  });

  test('leave out the time in which it was resolved, once it is reopened', () => {
    const pauses = [{ why: 'resolved' as const, from: '2026-03-02T17:00:00.000Z', until: '2026-03-05T09:00:00.000Z' }];

    expect(shown(clocksOf({ ...opened, pauses }, terms, at('2026-03-05T10:00Z'))[1]!.dueAt)).toBe('2026-03-05T16:00Z');
  });

  test('follow its severity', () => {
    const [own, resolve] = clocksOf({ ...opened, severity: 'SEV-2' }, terms, at('2026-03-02T16:00Z'));

    expect([shown(own!.dueAt), shown(resolve!.dueAt)]).toEqual(['2026-03-02T16:20Z', '2026-03-03T16:00Z']);
  });

  test.each([
    ['of a drill', { ...opened, kind: 'drill' as const }],
    ['of what was written down afterwards', { ...opened, kind: 'backfilled' as const }],
    ['of what was cancelled', { ...opened, status: 'cancelled' as const }],
    ['without a target', { ...opened, severity: 'SEV-4' as const }],
  ])('do not run: %s', (_, facts) => {
    expect(clocksOf(facts, terms, at('2026-03-09T09:00Z'))).toEqual([]);
  });

  test('count the hours that the policy says, else those of the team', () => {
    const nightly = SeverityPolicySpec.parse({
      ...policy,
      workingHours: { zone: 'UTC', days: ['mon'], from: '20:00', until: '23:00' },
    });

    expect(shown(clocksOf(opened, clockTermsOf(nightly, team, undefined), at('2026-03-02T16:00Z'))[0]!.dueAt)).toBe(
      '2026-03-02T21:00Z',
    );
    expect(shown(clocksOf(opened, terms, at('2026-03-02T16:00Z'))[0]!.dueAt)).toBe('2026-03-02T17:00Z');
  });
});

describe('a warning', () => {
  const timing = { responses: { 'SEV-3': responseOf(policy, 'SEV-3') } } as IncidentTiming;
  const incident = opened as Incident;

  test('comes for each clock that runs, the nearest first and each once', () => {
    const due = warningsOf(clocksOf(opened, terms, at('2026-03-02T16:00Z')));

    expect(due.map(({ of }) => of)).toEqual(['own-at-risk', 'own-breached', 'resolve-at-risk', 'resolve-breached']);
    expect(nextWarning(incident, due)?.of).toBe('own-at-risk');
    expect(nextWarning(warned(incident, 'own-breached'), due)?.of).toBe('resolve-at-risk');
    expect(warningsOf(clocksOf({ ...opened, ...onHold('vendor') }, terms, at('2026-03-03T12:00Z')))).toHaveLength(2);
  });

  test('is looked for anew when what the clocks depend on has changed, and never without a target', () => {
    const held = { ...incident, ...onHold('vendor') } as Incident;

    expect(clockInputs(held, timing)).not.toBe(clockInputs(incident, timing));
    expect(clockInputs({ ...held, status: 'resolved' } as Incident, timing)).toBeUndefined();
    const usual = { responses: { 'SEV-3': responseOf(usualSeverityPolicy, 'SEV-3') } } as IncidentTiming;
    expect(clockInputs(incident, usual)).toBeUndefined();
  });
});
