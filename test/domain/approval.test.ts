import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Approval, Quorum } from '../../domain/approval.ts';
import { type Entitled, escalate, expire, isStillCarried, withdraw } from '../../domain/approval/lifecycle.rules.ts';
import {
  decidersOf,
  isUnsatisfiable,
  type Joined,
  leftOut,
  neededOf,
  openStage,
} from '../../domain/approval/stage.rules.ts';
import { delegatorsOf, type Ballot, castVote } from '../../domain/approval/vote.rules.ts';
import { DomainError } from '../../domain/errors.ts';
import { PersonSpec } from '../../domain/team.ts';
import { approval, ballot } from '../support/builders.ts';

const cast = (request: Approval, ...ballots: Ballot[]): Approval => ballots.reduce(castVote, request);
const two = { quorum: { count: 2 } } as const;

describe('how many have to approve', () => {
  test.each([
    ['first', 5, 1],
    ['all', 5, 5],
    [{ count: 2 }, 5, 2],
    [{ count: 3 }, 2, 3],
    [{ percent: 50 }, 5, 3],
    [{ percent: 50 }, 4, 2],
    [{ percent: 1 }, 5, 1],
    [{ percent: 100 }, 5, 5],
    ['all', 0, 1],
    [{ percent: 50 }, 0, 1],
  ] as [Quorum, number, number][])('%j of %i is %i', (quorum, eligible, needed) => {
    expect(neededOf(quorum, eligible)).toBe(needed);
  });
});

describe('who may vote', () => {
  test('is each person once, without those who asked or will execute', () => {
    const { eligible } = openStage(approval(), 0, ['ana', 'rex', 'ana', 'xia', 'ben']);

    expect(eligible).toEqual(['ana', 'ben']);
  });

  test('is also whoever asked, where the policy says so', () => {
    const { eligible } = openStage(approval({ stages: [{ excludeRequester: false }] }), 0, ['rex', 'xia']);

    expect(eligible).toEqual(['rex']);
  });

  test.each([
    ['whoever asked', 'rex', 'whoever requested it cannot vote'],
    ['whoever executes', 'xia', 'whoever executes it cannot vote'],
    ['a stranger', 'zoe', 'zoe is not asked in this stage'],
  ])('is not %s', (_, voter, message) => {
    expect(() => castVote(approval(), ballot(voter))).toThrow(new DomainError('not-allowed', message));
  });
});

describe('a request', () => {
  test('to two of three, of which one asked, is rejected when one of the two left rejects', () => {
    const request = approval({ people: ['ana', 'ben', 'cid'], requester: 'ana', stages: [two] });

    expect(cast(request, ballot('ben'), ballot('cid', 'reject'))).toMatchObject({
      status: 'rejected',
      decidedAt: '2026-03-24T10:00:00.000Z',
    });
  });

  test('to half of five needs three, so the third rejection rejects', () => {
    const request = approval({ people: ['p1', 'p2', 'p3', 'p4', 'p5'], stages: [{ quorum: { percent: 50 } }] });
    const twice = cast(request, ballot('p1', 'reject'), ballot('p2', 'reject'));

    expect(request.stages[0]!.needed).toBe(3);
    expect(twice.status).toBe('open');
    expect(castVote(twice, ballot('p3', 'reject')).status).toBe('rejected');
    expect(cast(twice, ballot('p3'), ballot('p4'), ballot('p5')).status).toBe('approved');
  });

  test('to two of two, of which one asked, cannot be met and does not get a lower quorum', () => {
    const request = approval({ people: ['ana', 'ben'], requester: 'ana', stages: [two] });

    expect(isUnsatisfiable(request)).toBe(true);
    expect(request.stages[0]!.needed).toBe(2);
  });

  test('that cannot be met yet is not rejected by an approval: others are to be asked', () => {
    const request = approval({ people: ['ana', 'ben'], requester: 'ana', stages: [two] });
    const waiting = castVote(request, ballot('ben'));

    expect(waiting.status).toBe('open');
    expect(castVote(escalate(waiting, ['eva'], request.deadlineAt), ballot('eva')).status).toBe('approved');
  });

  test('counts one human once, also with the seat of another', () => {
    const request = approval({ people: ['ben', 'dan', 'eva'], stages: [{ ...two, allowDelegation: true }] });
    const both = cast(request, ballot('dan'), ballot('dan', 'approve', { onBehalfOf: 'ben', delegators: ['ben'] }));

    expect(both.votes).toMatchObject([
      { seat: 'dan', voter: 'dan' },
      { seat: 'ben', voter: 'dan' },
    ]);
    expect(both.status).toBe('open');
    expect(castVote(both, ballot('eva')).status).toBe('approved');
  });

  test('to the first is decided by one rejection', () => {
    expect(castVote(approval(), ballot('ana', 'reject')).status).toBe('rejected');
  });

  test('to all is decided by one rejection, and approved by the last one', () => {
    const request = approval({ people: ['ana', 'ben'], stages: [{ quorum: 'all' }] });

    expect(cast(request, ballot('ana'), ballot('ben', 'reject')).status).toBe('rejected');
    expect(castVote(request, ballot('ana')).status).toBe('open');
    expect(cast(request, ballot('ana'), ballot('ben')).status).toBe('approved');
  });

  test('loses the voice of who abstains, while the quorum stays', () => {
    const request = approval({ people: ['ana', 'ben', 'cid'], stages: [two] });
    const once = castVote(request, ballot('ana', 'abstain'));

    expect(once.status).toBe('open');
    expect(castVote(once, ballot('ben', 'abstain')).status).toBe('rejected');
  });

  test('ends when one asks for changes', () => {
    const request = approval({ stages: [two] });

    expect(cast(request, ballot('ana'), ballot('ben', 'request-changes')).status).toBe('changes-requested');
  });
});

describe('a vote', () => {
  test('asks for no changes of a step, which is under way', () => {
    const ofStep = approval({ subject: 'plan/checkout.production.0001/activity/work/step/ask' });

    expect(() => castVote(ofStep, ballot('ana', 'request-changes'))).toThrow(
      expect.objectContaining({ code: 'invalid', field: 'decision' }),
    );
    expect(castVote(ofStep, ballot('ana')).status).toBe('approved');
  });

  test('that names another digest is refused', () => {
    expect(() => castVote(approval(), ballot('ana', 'approve', { digest: 'e'.repeat(64) }))).toThrow(
      expect.objectContaining({ code: 'conflict', field: 'digest' }),
    );
  });

  test('at the deadline is late', () => {
    const request = approval();

    expect(castVote(request, ballot('ana', 'approve', { at: '2026-03-24T12:59:59.999Z' })).status).toBe('approved');
    expect(() => castVote(request, ballot('ana', 'approve', { at: request.deadlineAt }))).toThrow('expired');
  });

  test.each([
    ['approved', 'the request was approved already'],
    ['consumed', 'the request was approved, and the work has begun'],
    ['rejected', 'the request was rejected already'],
    ['changes-requested', 'changes were asked for'],
    ['expired', 'the request has expired'],
    ['superseded', 'what it is about has changed since'],
    ['cancelled', 'the request was withdrawn'],
  ] as const)('on a request that is %s is refused', (status, reason) => {
    expect(() => castVote(approval({ status }), ballot('ana'))).toThrow(reason);
  });

  test('that is repeated changes nothing, also when it has decided the request', () => {
    const open = castVote(approval({ stages: [two] }), ballot('ana'));
    const decided = castVote(open, ballot('ben'));

    expect(castVote(open, ballot('ana'))).toBe(open);
    expect(castVote(open, ballot('ana', 'approve', { at: '2027-01-01T00:00:00.000Z' }))).toBe(open);
    expect(castVote(decided, ballot('ben'))).toBe(decided);
  });

  test('that differs from the first of the same person is refused', () => {
    const open = castVote(approval({ stages: [two] }), ballot('ana'));

    expect(() => castVote(open, ballot('ana', 'reject'))).toThrow(
      'ana has voted already: approve, 2026-03-24T10:00:00.000Z, looked at it. The first vote stands',
    );
  });

  test('that is repeated with another reason is refused, since the reason would be lost', () => {
    const open = castVote(approval({ stages: [two] }), ballot('ana'));
    const decided = castVote(open, ballot('ben'));
    const again = ballot('ana', 'approve', { reason: 'I looked again' });

    for (const request of [open, decided])
      expect(() => castVote(request, again)).toThrow(
        expect.objectContaining({
          code: 'conflict',
          message: expect.stringContaining('ana has voted already: approve'),
        }),
      );
  });
});

describe('those whom a stage names and who may not vote', () => {
  test('are told with the reason', () => {
    const request = approval({ people: ['rex', 'xia', 'ana'] });

    expect(leftOut(request, ['rex', 'xia', 'ana'])).toEqual([
      { person: 'rex', why: 'asked for it' },
      { person: 'xia', why: 'executes it' },
    ]);
  });

  test('are none where the policy leaves nobody out', () => {
    const request = approval({ people: ['rex', 'xia'], stages: [{ excludeRequester: false, excludeExecutor: false }] });

    expect(leftOut(request, ['rex', 'xia'])).toEqual([]);
  });
});

describe('a vote that says no', () => {
  test.each(['reject', 'request-changes'] as const)('says why: %s', (decision) => {
    expect(() => castVote(approval(), ballot('ana', decision, { reason: '' }))).toThrow(
      expect.objectContaining({ code: 'invalid', field: 'reason' }),
    );
    expect(castVote(approval(), ballot('ana', decision)).votes).toHaveLength(1);
  });

  test.each(['approve', 'abstain'] as const)('need not say why when it is none: %s', (decision) => {
    expect(castVote(approval(), ballot('ana', decision, { reason: '' })).votes).toHaveLength(1);
  });
});

test('a vote is handed over from its first instant to the last before its end, to one person', () => {
  const delegate = { to: 'zoe', from: '2026-03-24T09:00:00.000Z', until: '2026-03-25T09:00:00.000Z' };
  const people = [
    { name: 'ana', delegate },
    { name: 'ben', delegate: undefined },
  ];
  const [from, until] = [Date.parse(delegate.from), Date.parse(delegate.until)];

  expect([from - 1, from, until - 1, until].map((at) => delegatorsOf('zoe', people, at))).toEqual([
    [],
    ['ana'],
    ['ana'],
    [],
  ]);
  expect(delegatorsOf('yan', people, from)).toEqual([]);
});

describe('a vote on behalf of another', () => {
  const request = approval({ people: ['ana', 'ben'], stages: [{ ...two, allowDelegation: true }] });
  const forBen = { onBehalfOf: 'ben', delegators: ['ben'] };

  test('keeps both names', () => {
    expect(castVote(request, ballot('zoe', 'approve', forBen)).votes).toMatchObject([{ seat: 'ben', voter: 'zoe' }]);
  });

  test('needs that the other has handed it over', () => {
    expect(() => castVote(request, ballot('zoe', 'approve', { onBehalfOf: 'ben' }))).toThrow(
      'has not delegated the vote',
    );
  });

  test('is not handed on: the delegate of a delegate has no vote', () => {
    expect(() => castVote(request, ballot('zoe', 'approve', { onBehalfOf: 'ben', delegators: ['ana'] }))).toThrow(
      'ben has not delegated the vote to zoe',
    );
  });

  test('needs a policy that allows it', () => {
    const strict = approval({ people: ['ana', 'ben'], stages: [two] });

    expect(() => castVote(strict, ballot('zoe', 'approve', forBen))).toThrow(
      expect.objectContaining({ code: 'not-allowed' }),
    );
  });

  test.each(['rex', 'xia'])('never goes to %s, who asked or executes', (voter) => {
    expect(() => castVote(request, ballot(voter, 'approve', forBen))).toThrow('cannot vote');
  });

  test('takes the seat: its owner does not decide a second time', () => {
    const voted = castVote(request, ballot('zoe', 'approve', forBen));

    expect(() => castVote(voted, ballot('ben'))).toThrow('ben has voted already');
    expect(() => castVote(voted, ballot('ben', 'reject'))).toThrow('ben has voted already');
  });
});

describe('stages', () => {
  const request = approval({ people: ['ana', 'ben'], stages: [{ quorum: 'first' }, two] });
  const second = castVote(request, ballot('ana', 'approve', { named: [[], ['cid', 'dan', 'rex', 'cid']] }));

  test('open one after the other, for the people of then', () => {
    expect(second).toMatchObject({ status: 'open', stage: 1 });
    expect(second.stages[1]).toMatchObject({ eligible: ['cid', 'dan'], needed: 2 });
  });

  test('end with the last', () => {
    expect(castVote(second, ballot('cid')).status).toBe('open');
    expect(cast(second, ballot('cid'), ballot('dan')).status).toBe('approved');
  });

  test('do not lend a vote to each other', () => {
    const same = castVote(request, ballot('ana', 'approve', { named: [[], ['ana', 'ben']] }));

    expect(cast(same, ballot('ben')).status).toBe('open');
  });

  test('leave the repeat of a vote from an earlier stage without effect', () => {
    expect(castVote(second, ballot('ana'))).toBe(second);
  });

  test('do not hear of people of the stage before', () => {
    expect(() => castVote(second, ballot('ben'))).toThrow('ben is not asked in this stage');
  });
});

describe('escalation', () => {
  test('adds people and moves the deadline, and never lowers what is needed', () => {
    const request = approval({ people: ['ana', 'ben'], stages: [{ quorum: { percent: 100 } }] });
    const escalated = escalate(request, ['eva', 'ana', 'rex', 'xia'], '2026-03-24T17:00:00.000Z');

    expect(escalated.stages[0]).toMatchObject({ eligible: ['ana', 'ben', 'eva'], needed: 2 });
    expect(escalated).toMatchObject({ escalated: true, status: 'open', deadlineAt: '2026-03-24T17:00:00.000Z' });
  });

  test('keeps the votes that were given', () => {
    const voted = castVote(approval({ people: ['ana', 'ben'], stages: [two] }), ballot('ana'));

    expect(castVote(escalate(voted, ['eva'], voted.deadlineAt), ballot('eva')).status).toBe('approved');
  });
});

test('silence expires and never approves; what was decided stays', () => {
  const decided = castVote(approval(), ballot('ana'));

  expect(expire(approval(), '2026-03-24T13:00:00.000Z')).toMatchObject({
    status: 'expired',
    decidedAt: '2026-03-24T13:00:00.000Z',
  });
  expect(expire(decided, '2026-03-24T13:00:00.000Z')).toBe(decided);
});

test('a plan that was edited after one of two approvals starts again with no votes', () => {
  const once = castVote(approval({ stages: [two] }), ballot('ana'));
  const before = withdraw(once, 'superseded', '2026-03-24T11:00:00.000Z');

  expect(before.status).toBe('superseded');
  expect(() => castVote(before, ballot('ben'))).toThrow('what it is about has changed since');
  expect(approval({ attempt: 2, stages: [two] }).votes).toEqual([]);
});

test.each([
  ['open', 'superseded'],
  ['approved', 'superseded'],
  ['consumed', 'consumed'],
  ['rejected', 'rejected'],
  ['expired', 'expired'],
] as const)('a request that is %s is %s after its subject is gone', (status, expected) => {
  expect(withdraw(approval({ status }), 'superseded', '2026-03-24T11:00:00.000Z').status).toBe(expected);
});

const people = ['p1', 'p2', 'p3', 'p4', 'p5'];
const quorums: fc.Arbitrary<Quorum> = fc.oneof(
  fc.constantFrom<Quorum>('first', 'all'),
  fc.integer({ min: 1, max: 6 }).map((count) => ({ count })),
  fc.integer({ min: 1, max: 100 }).map((percent) => ({ percent })),
);
const voters = fc.constantFrom(...people, 'rex', 'xia', 'zoe');
const ballots = fc.array(
  fc.record({
    voter: voters,
    seat: fc.option(voters, { nil: undefined }),
    decision: fc.constantFrom('approve', 'reject', 'abstain', 'request-changes', 'approve', 'approve' as const),
  }),
  { maxLength: 12 },
);
const attempt = (request: Approval, asked: Ballot): Approval => {
  try {
    return castVote(request, asked);
  } catch (error) {
    if (error instanceof DomainError) return request;
    throw error;
  }
};

describe('whatever is voted', () => {
  test('nothing is approved by fewer different humans than are needed, nor by who asked or executes', () => {
    fc.assert(
      fc.property(quorums, ballots, (quorum, drawn) => {
        const request = approval({ people, stages: [{ quorum, allowDelegation: true }] });
        const end = drawn.reduce(
          (now, { voter, seat, decision }) =>
            attempt(now, ballot(voter, decision, { onBehalfOf: seat, delegators: [...people, 'rex', 'xia'] })),
          request,
        );

        const humans = new Set(end.votes.filter(({ decision }) => decision === 'approve').map(({ voter }) => voter));
        const needed = end.status === 'approved' ? neededOf(quorum, people.length) : 0;
        expect(humans.size).toBeGreaterThanOrEqual(needed);
        expect(end.votes.some(({ voter }) => voter === 'rex' || voter === 'xia')).toBe(false);
        expect(new Set(end.votes.map(({ seat }) => seat)).size).toBe(end.votes.length);
      }),
      { numRuns: 500 },
    );
  });

  test('the order of approvals does not matter', () => {
    fc.assert(
      fc.property(
        quorums,
        fc
          .shuffledSubarray(people)
          .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
        (quorum, [one, other]) => {
          const request = approval({ people, stages: [{ quorum }] });
          const status = (order: string[]) => order.reduce((now, voter) => attempt(now, ballot(voter)), request).status;

          expect(status(one)).toBe(status(other));
        },
      ),
    );
  });

  test('a request that has ended stays as it ended', () => {
    fc.assert(
      fc.property(quorums, ballots, (quorum, drawn) => {
        const statuses: string[] = [];
        drawn.reduce(
          (now, { voter, decision }) => {
            const next = attempt(now, ballot(voter, decision));
            statuses.push(next.status);
            return next;
          },
          approval({ people, stages: [{ quorum }] }),
        );

        expect(new Set(statuses.filter((status) => status !== 'open')).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});

const entitled = (joined: Partial<Joined> = {}): Entitled => ({
  stages: [['ana', 'ben']],
  escalated: [],
  joined: { triggeredBy: [], people: [], executors: [], ...joined },
});

describe('a vote of somebody who turns out to have triggered it', () => {
  const zoe = { system: 'github', login: 'zoe', people: [] } as const;
  const asked = { ...approval(), triggeredBy: [{ ...zoe, people: [] }] };
  const voted = castVote(asked, ballot('ana'));
  const ana = {
    kind: 'Person',
    name: 'ana',
    labels: {},
    spec: PersonSpec.parse({ name: 'Ana', email: 'ana@example.org', logins: { github: ['zoe'] } }),
  } as const;

  test('carries nothing: by a login that is known to be theirs by now, or by triggering it once more', () => {
    expect(isStillCarried(voted, entitled())).toBe(true);
    expect(isStillCarried(voted, entitled({ people: [ana] }))).toBe(false);
    expect(
      isStillCarried(voted, entitled({ triggeredBy: [{ system: 'evenkeel', login: 'ana', people: ['ana'] }] })),
    ).toBe(false);
  });

  test('counts where the policy lets requesters vote', () => {
    const lenient = { ...approval({ stages: [{ excludeRequester: false }] }), triggeredBy: [{ ...zoe, people: [] }] };

    expect(isStillCarried(castVote(lenient, ballot('ana')), entitled({ people: [ana] }))).toBe(true);
  });
});

describe('whoever has voted does not come to execute', () => {
  const voted = castVote(approval(), ballot('ana'));

  test('while the vote stands, unless executors may vote', () => {
    expect(decidersOf([voted])).toEqual(['ana', 'ana']);
    expect(decidersOf([{ ...voted, status: 'superseded' }])).toEqual([]);
    expect(decidersOf([castVote(approval({ stages: [{ excludeExecutor: false }] }), ballot('ana'))])).toEqual([]);
  });

  test('and a vote of somebody who does so all the same carries nothing', () => {
    expect(isStillCarried(voted, entitled({ executors: ['xia'] }))).toBe(true);
    expect(isStillCarried(voted, entitled({ executors: ['ana'] }))).toBe(false);
  });
});
