import { describe, expect, test } from 'vitest';
import { Problem, type ProblemInput, type ProblemStatus } from '../../domain/problem.ts';
import type { ProblemAsk } from '../../domain/problem/ask.ts';
import * as ask from '../../domain/problem/ask.rules.ts';
import { factorsOf, leavesOf } from '../../domain/problem/claim.rules.ts';
import { chased, nextProblemDeadline } from '../../domain/problem/deadline.rules.ts';
import { isOver, open } from '../../domain/problem/record.rules.ts';
import { askedRisk, riskAccepted, riskChased, riskExpired, riskRefused } from '../../domain/problem/risk.rules.ts';
import { counted, hasRecurred, judged } from '../../domain/problem/verification.rules.ts';
import { usualSeverityPolicy } from '../../domain/severity-policy.ts';

const dayMs = 86_400_000;
const begun = '2026-11-28T12:00:00.000Z';
const later = (days: number): string => new Date(Date.parse(begun) + days * dayMs).toISOString();
const input: ProblemInput = {
  number: 7,
  workflowId: 'problem/7',
  title: 'The pool runs dry',
  team: 'shop',
  service: 'checkout',
  identification: 'recurrence',
  openedBy: { type: 'person', name: 'dan' },
  incidents: [12],
  catalogueRevision: 1,
  openedAt: begun,
  timing: { priorities: usualSeverityPolicy.priorities, messagesPerRun: 1_000 },
};

const transitions = {
  ...ask,
  'judge-claim': ask.judgeClaim,
  'publish-known-error': ask.publishKnownError,
  'add-action': ask.addAction,
  'start-action': ask.startAction,
  'complete-action': ask.completeAction,
  'drop-action': ask.dropAction,
  'accept-risk': ask.acceptRisk,
} as unknown as Record<string, (problem: Problem, ask: object, timing: object) => Problem>;

const asked = (problem: Problem, type: ProblemAsk['type'], more: object = {}, days = 1, by = 'cid'): Problem => {
  const why = { type, command: 'c', by: { type: 'person', name: by }, at: later(days), reason: 'because', ...more };
  return transitions[type]!(problem, why, input.timing);
};
const claim = (problem: Problem, text: string, explains?: number): Problem =>
  asked(problem, 'claim', { kind: 'why', text, evidence: [], confidence: 'low', ...(explains && { explains }) });
const supported = (problem: Problem, number: number): Problem =>
  asked(problem, 'judge-claim', { claim: number, status: 'supported', evidence: [{ text: 'a trace' }] });
const action = {
  text: 'Release in finally',
  owner: 'ben',
  kind: 'prevent',
  strength: 'eliminate',
  dueOn: '2026-12-24',
};
const document = { signature: { titles: ['Pool *'], services: [] }, symptom: 'x', cause: 'y', workaround: 'Restart' };

/** A problem in each state, by the shortest way. */
const fresh = open(input);
const assessed = asked(fresh, 'assess', { impact: 1, urgency: 2 });
const investigating = asked(assessed, 'assign', { to: 'cid' });
const explained = supported(claim(investigating, 'Connections are not returned'), 1);
const known = asked(explained, 'publish-known-error', { document });
const planned = asked(explained, 'add-action', { action });
const fixing = asked(planned, 'start-action', { action: 1 });
const verifying = asked(fixing, 'complete-action', { action: 1, note: 'released' }, 10);
const states: Record<ProblemStatus, Problem> = {
  new: fresh,
  assessed,
  investigating,
  'known-error': known,
  'fix-planned': planned,
  'fix-in-progress': fixing,
  verifying,
  closed: asked(fresh, 'close', { resolution: 'cannot-reproduce' }),
};
const numbers = { before: { incidents: 5, days: 90 }, after: { incidents: 0, days: 60 }, at: later(70) };
const waiting = counted(verifying as Extract<Problem, { status: 'verifying' }>, numbers.before);
const verdict = (found: 'effective' | 'not-effective' | 'undetermined'): Problem =>
  judged(waiting as Extract<Problem, { status: 'verifying' }>, { ...numbers, verdict: found });

describe('a problem', () => {
  test.each(Object.entries(states))('can be %s, and is kept as such', (status, problem) => {
    expect(problem.status).toBe(status);
    expect(Problem.safeParse(problem).error).toBeUndefined();
  });

  const whatever: [ProblemAsk['type'], object][] = [
    ['assess', { impact: 2, urgency: 2 }],
    ['assign', { to: 'ben' }],
    ['link', { incident: 13 }],
    ['unlink', { incident: 12 }],
    ['claim', { kind: 'is', text: 'x', evidence: [], confidence: 'low' }],
    ['accept-risk', { until: later(30) }],
    ['close', { resolution: 'cannot-reproduce' }],
    ['publish-known-error', { document }],
    ['add-action', { action }],
    ['start-action', { action: 1 }],
    ['complete-action', { action: 1, note: 'x' }],
  ];

  test.each(whatever)('that is closed takes no %s any more', (type, more) => {
    expect(() => asked(states.closed, type, more)).toThrow('problem 7 is closed');
  });

  test('has the priority that its team gives to impact and urgency', () => {
    expect(assessed).toMatchObject({ impact: 1, urgency: 2, priority: 2 });
  });

  test('that is assigned first is investigated as soon as it is assessed', () => {
    expect(asked(asked(fresh, 'assign', { to: 'cid' }), 'assess', { impact: 3, urgency: 3 }).status).toBe(
      'investigating',
    );
  });

  test('is a duplicate of another one, never of itself', () => {
    expect(asked(fresh, 'close', { resolution: 'duplicate', duplicateOf: 3 })).toMatchObject({ duplicateOf: 3 });
    expect(() => asked(fresh, 'close', { resolution: 'duplicate', duplicateOf: 7 })).toThrow('of itself');
    expect(() => asked(fresh, 'close', { resolution: 'duplicate' })).toThrow('names the problem');
  });
});

describe('an investigation', () => {
  test('is a tree of causes, of which the last that are supported have contributed', () => {
    const deeper = supported(claim(explained, 'A timeout skips the release', 1), 2);

    expect(leavesOf(deeper.claims).map(({ number }) => number)).toEqual([2]);
    expect(factorsOf(deeper.claims).map(({ text }) => text)).toEqual(['A timeout skips the release']);
  });

  test('plans nothing before a cause is supported, by something that shows it', () => {
    const unshown = claim(investigating, 'Connections are not returned');

    expect(() => asked(unshown, 'add-action', { action })).toThrow('no cause is supported');
    expect(() => asked(unshown, 'judge-claim', { claim: 1, status: 'supported', evidence: [] })).toThrow('what shows');
  });

  test.each(['Human error', 'operator mistake at the console', 'a careless engineer'])(
    'does not end with a person: %s',
    (text) => {
      const blamed = supported(claim(investigating, text), 1);
      expect(() => asked(blamed, 'publish-known-error', { document })).toThrow('ends with a person');

      const why = supported(claim(blamed, 'The tool asks for no confirmation', 1), 2);
      expect(asked(why, 'publish-known-error', { document }).status).toBe('known-error');
    },
  );

  test('explains causes by causes', () => {
    const observed = asked(investigating, 'claim', { kind: 'is', text: 'in Europe', evidence: [], confidence: 'high' });

    expect(() => claim(observed, 'x', 1)).toThrow('no cause that can be explained');
    expect(() => claim(observed, 'x', 9)).toThrow('there is no claim 9');
    expect(() => asked(observed, 'claim', { kind: 'event', text: 'x', evidence: [] })).toThrow('when it happened');
  });
});

describe('a fix', () => {
  test('is waited for until each action is done or dropped', () => {
    const two = asked(planned, 'add-action', { action });
    const half = asked(two, 'complete-action', { action: 1, note: 'x' });

    expect(half.status).toBe('fix-in-progress');
    expect(asked(half, 'drop-action', { action: 2 }).status).toBe('verifying');
    expect(asked(planned, 'drop-action', { action: 1 }).status).toBe('investigating');
    expect(asked(asked(known, 'add-action', { action }), 'drop-action', { action: 1 }).status).toBe('known-error');
  });

  test('is judged after as many days as its rate needs', () => {
    expect(nextProblemDeadline(waiting)).toEqual({ what: 'judge', at: Date.parse(later(10 + (3 * 90) / 5)) });
  });

  test('that has helped closes the problem', () => {
    expect(verdict('effective')).toMatchObject({
      status: 'closed',
      resolution: 'fixed',
      outcome: '5 in 90 days before the fix, 0 in 60 days since',
      actions: [{ status: 'verified' }],
    });
    expect(isOver(verdict('effective'))).toBe(true);
  });

  test('that has not helped opens the investigation again', () => {
    expect(verdict('not-effective')).toMatchObject({ status: 'investigating', actions: [{ status: 'ineffective' }] });
    expect(verdict('not-effective').verification).toBeUndefined();
  });

  test('of which nothing is shown yet is counted for as long again, and says until when', () => {
    expect(verdict('undetermined').verification).toMatchObject({
      until: later(70 + 54),
      last: { verdict: 'undetermined' },
    });
  });

  test('has not helped once somebody links an incident with the same cause', () => {
    const again = asked(waiting, 'link', { incident: 13, isSameCause: true }, 20);

    expect([hasRecurred(waiting), hasRecurred(again)]).toEqual([false, true]);
    expect(hasRecurred(asked(waiting, 'link', { incident: 13 }, 20))).toBe(false);
    const living = asked(again, 'accept-risk', { until: later(60) }, 21);
    expect(hasRecurred(riskAccepted(living, askedRisk(living)!, later(22)))).toBe(false);
    expect(() => asked(planned, 'link', { incident: 13, isSameCause: true })).toThrow('only after its fix');
  });
});

describe('a record', () => {
  test('takes no more than a workflow can take along', () => {
    const evidence = Array.from({ length: 20 }, () => ({ text: 'x'.repeat(2_000) }));
    let current = investigating;
    const more = (): void => {
      for (let count = 0; count < 500; count += 1)
        current = asked(current, 'claim', { kind: 'is', text: 'y', evidence, confidence: 'low' });
    };

    expect(more).toThrow('problem 7 is full');
    expect(JSON.stringify(current).length).toBeLessThan(1_000_000);
  });
});

describe('an action that is not done', () => {
  test('is chased on the day it is due, and once a week after', () => {
    const first = nextProblemDeadline(planned);
    expect(first).toEqual({ what: 'chase', action: 1, at: Date.parse('2026-12-24T09:00:00Z') });
    expect(nextProblemDeadline(chased(planned, 1))?.at).toBe(first!.at + 7 * dayMs);
  });
});

describe('a risk', () => {
  const asking = asked(known, 'accept-risk', { until: later(60) }, 0);
  const risk = askedRisk(asking)!;
  const accepted = riskAccepted(asking, risk, begun);

  test('that is accepted closes the problem until it expires', () => {
    expect(accepted).toMatchObject({ status: 'closed', resolution: 'risk-accepted' });
    expect(isOver(accepted)).toBe(false);
    expect(Problem.safeParse(accepted).error).toBeUndefined();
  });

  test('is remembered before it expires, and opens the problem again then', () => {
    const days: unknown[] = [];
    let current: Problem = accepted;
    for (let due = nextProblemDeadline(current); due?.what === 'risk-expiring'; due = nextProblemDeadline(current)) {
      days.push((Date.parse(later(60)) - due.at) / dayMs);
      current = riskChased(current);
    }

    expect(days).toEqual([30, 7, 1]);
    expect(nextProblemDeadline(current)).toEqual({ what: 'risk-expired', at: Date.parse(later(60)) });
    const expired = riskExpired(current);
    expect(expired).toMatchObject({ status: 'investigating', risk: { status: 'expired' } });
    expect(Problem.safeParse(expired).error).toBeUndefined();
  });

  test('for a few days is not said to expire before it was accepted', () => {
    const short = asked(known, 'accept-risk', { until: later(5) }, 0);
    const due = nextProblemDeadline(riskAccepted(short, askedRisk(short)!, begun));

    expect(due).toEqual({ what: 'risk-expiring', at: Date.parse(later(4)) });
  });

  test('that nobody accepts leaves the problem where it was, and may be asked for again', () => {
    const refused = riskRefused(asking, risk);

    expect([refused.status, askedRisk(refused)]).toEqual(['known-error', undefined]);
    expect(askedRisk(asked(refused, 'accept-risk', { until: later(60) }))?.attempt).toBe(2);
    expect(() => asked(asking, 'accept-risk', { until: later(60) })).toThrow('asked for that already');
  });

  test.each([
    ['has passed', later(-1), 'an instant to come'],
    ['is too far', later(400), 'a year at most'],
  ])('has an end that %s', (_, until, why) => {
    expect(() => asked(known, 'accept-risk', { until })).toThrow(why);
  });
});
