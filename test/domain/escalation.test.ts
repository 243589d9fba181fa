import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { EscalationPolicySpec, type EscalationProgram, programOf } from '../../domain/escalation-policy.ts';
import {
  type EscalationNode,
  nextNode,
  type Position,
  roundRobin,
  type Situation,
} from '../../domain/escalation.rules.ts';

type Written = z.input<typeof EscalationPolicySpec>;
type Steps = Written['steps'];

const programWith = (steps: Steps, more: Partial<Written> = {}): EscalationProgram =>
  programOf(EscalationPolicySpec.parse({ steps, ...more }));
const calm: Situation = { severity: 'SEV-3', priority: 3, isWorkingHours: true };
const page = (person: string, timeout = '5m'): Steps[number] => ({ level: { targets: [{ person }], timeout } });
const notify = (channel: string): Steps[number] => ({ notify: channel });

/** A node in a word. */
const word = (node: EscalationNode): string => {
  switch (node.kind) {
    case 'level':
      return node.level.targets.map((target) => Object.values(target).join('/')).join();
    case 'delay':
      return 'forMs' in node.delay ? `${node.delay.forMs} ms` : node.delay.until;
    case 'notify':
      return node.channel;
    case 'exhausted':
      return 'exhausted';
  }
};

/** Where a program leads, node after node. */
const walk = (program: EscalationProgram, situation = calm, begin?: Position): string[] => {
  const seen: string[] = [];
  let after = begin;
  for (;;) {
    const node = nextNode(program, after, situation);
    seen.push(word(node));
    if (node.kind === 'exhausted') return seen;
    after = node.position;
  }
};

describe('a program', () => {
  test('is gone through step by step', () => {
    const program = programWith([
      page('ana'),
      { delay: { for: '90s' } },
      { delay: { until: 'working-hours' } },
      notify('ops'),
      { level: { targets: [{ schedule: 'rota' }, { team: 'shop', role: 'operator' }] } },
    ]);

    expect(walk(program)).toEqual(['ana', '90000 ms', 'working-hours', 'ops', 'rota,shop/operator', 'exhausted']);
  });

  test('has what a level says, in milliseconds, and leaves to others what it does not say', () => {
    expect(nextNode(programWith([page('ana')]), undefined, calm)).toEqual({
      kind: 'level',
      position: { path: [0], loop: 0 },
      level: { targets: [{ person: 'ana' }], mode: 'everyone', acknowledgements: 1, timeoutMs: 300_000 },
    });
    expect(nextNode(programWith([{ level: { targets: [{ team: 'shop' }] } }]), undefined, calm)).toMatchObject({
      level: { targets: [{ team: 'shop' }] },
    });
  });

  test.each([0, 5])('without steps is exhausted at once, with repeat %i', (repeat) => {
    expect(walk(programWith([], { repeat }))).toEqual(['exhausted']);
    expect(walk(programWith([{ if: { priority: [1] }, do: [page('ana')] }], { repeat }))).toEqual(['exhausted']);
  });

  test('says whom to page when it is exhausted', () => {
    expect(nextNode(programWith([], { exhausted: [{ person: 'dan' }] }), undefined, calm)).toEqual({
      kind: 'exhausted',
      targets: [{ person: 'dan' }],
    });
  });

  test('is repeated as often as it says', () => {
    const program = programWith([page('ana'), notify('ops')], { repeat: 2 });

    expect(walk(program)).toEqual(['ana', 'ops', 'ana', 'ops', 'ana', 'ops', 'exhausted']);
    expect(nextNode(program, { path: [1], loop: 0 }, calm)).toMatchObject({ position: { path: [0], loop: 1 } });
    expect(nextNode(program, { path: [1], loop: 2 }, calm)).toEqual({ kind: 'exhausted', targets: [] });
  });

  test('of three levels of five minutes and one repeat pages at 0, 5, 10, 15, 20 and 25, and is exhausted at 30', () => {
    const program = programWith([page('ana'), page('ben'), page('cid')], { repeat: 1 });
    const pages: string[] = [];
    let minutes = 0;
    let node = nextNode(program, undefined, calm);
    while (node.kind === 'level') {
      pages.push(`${minutes} ${word(node)}`);
      minutes += node.level.timeoutMs! / 60_000;
      node = nextNode(program, node.position, calm);
    }

    expect(pages).toEqual(['0 ana', '5 ben', '10 cid', '15 ana', '20 ben', '25 cid']);
    expect([node.kind, minutes]).toEqual(['exhausted', 30]);
  });
});

describe('an if', () => {
  type Condition = Extract<Steps[number], { if: unknown }>['if'];
  const either = (condition: Condition): EscalationProgram =>
    programWith([{ if: condition, do: [notify('yes')], else: [notify('no')] }, notify('after')]);

  test.each<[Condition, string]>([
    [{ severity: ['SEV-1', 'SEV-3'] }, 'yes'],
    [{ severity: ['SEV-1', 'SEV-2'] }, 'no'],
    [{ priority: [3, 4] }, 'yes'],
    [{ priority: [1] }, 'no'],
    [{ hours: 'working' }, 'yes'],
    [{ hours: 'outside' }, 'no'],
    [{ severity: ['SEV-3'], priority: [3] }, 'yes'],
    [{ severity: ['SEV-3'], priority: [1] }, 'no'],
    [{ severity: ['SEV-1'], hours: 'working' }, 'no'],
    [{ priority: [3], hours: 'working' }, 'yes'],
    [{ severity: ['SEV-3'], priority: [3], hours: 'outside' }, 'no'],
    [{ severity: ['SEV-3'], priority: [3], hours: 'working' }, 'yes'],
  ])('%j leads to %s', (condition, expected) => {
    expect(walk(either(condition))).toEqual([expected, 'after', 'exhausted']);
  });

  test('outside of working hours is known by the situation', () => {
    expect(walk(either({ hours: 'outside' }), { ...calm, isWorkingHours: false })[0]).toBe('yes');
    expect(walk(either({ hours: 'working' }), { ...calm, isWorkingHours: false })[0]).toBe('no');
  });

  test('without an else is passed', () => {
    expect(walk(programWith([{ if: { priority: [1] }, do: [notify('yes')] }, notify('after')]))).toEqual([
      'after',
      'exhausted',
    ]);
  });

  test('that has been decided stays so until its branch ends, and is decided anew in the next loop', () => {
    const program = programWith(
      [{ if: { priority: [1] }, do: [notify('a'), notify('b')], else: [notify('c')] }, notify('after')],
      { repeat: 1 },
    );
    const urgent = { ...calm, priority: 1 as const };

    expect(nextNode(program, undefined, urgent)).toMatchObject({ channel: 'a', position: { path: [0, 0, 0] } });
    expect(walk(program, calm, { path: [0, 0, 0], loop: 0 })).toEqual(['b', 'after', 'c', 'after', 'exhausted']);
  });

  test('may stand in others, five deep', () => {
    const deep = (depth: number): Steps =>
      depth === 0
        ? [notify('deepest')]
        : [{ if: { priority: [3] }, do: [{ if: { priority: [1] }, do: [notify('never')] }, ...deep(depth - 1)] }];
    const program = programWith([...deep(4), notify('after')]);

    expect(walk(program)).toEqual(['deepest', 'after', 'exhausted']);
    expect(nextNode(program, undefined, calm)).toMatchObject({
      position: { path: [0, 0, 1, 0, 1, 0, 1, 0, 1], loop: 0 },
    });
    expect(EscalationPolicySpec.safeParse({ steps: deep(5) }).error?.issues.map(({ message }) => message)).toEqual([
      'expected at most 5 ifs inside each other',
    ]);
  });
});

describe('a position', () => {
  test('that the program does not have goes on behind it', () => {
    const program = programWith([notify('a'), { if: { priority: [3] }, do: [notify('b')] }, notify('c')]);

    expect(walk(program, calm, { path: [0, 0, 7], loop: 0 })).toEqual(['b', 'c', 'exhausted']);
    expect(walk(program, calm, { path: [1, 0, 7], loop: 0 })).toEqual(['c', 'exhausted']);
    expect(walk(program, calm, { path: [9], loop: 0 })).toEqual(['exhausted']);
    expect(walk(program, calm, { path: [0], loop: 3 })).toEqual(['exhausted']);
  });
});

describe('round-robin', () => {
  test('pages one after the other', () => {
    expect([0, 1, 2, 3].map((count) => roundRobin(['ana', 'ben', 'cid'], count))).toEqual(['ana', 'ben', 'cid', 'ana']);
    expect(roundRobin([], 3)).toBeUndefined();
  });
});

describe('a policy that is not one', () => {
  const faults = (steps: unknown[]): string[] =>
    EscalationPolicySpec.safeParse({ steps }).error?.issues.map(({ path }) => path.join('.')) ?? [];

  test.each([
    ['an if without a condition', { if: {}, do: [] }],
    ['a level without targets', { level: { targets: [] } }],
    ['a level and a delay', { ...page('ana'), delay: { for: '5m' } }],
    ['eleven acknowledgements', { level: { targets: [{ person: 'ana' }], acknowledgements: 11 } }],
    ['a delay of both kinds', { delay: { for: '5m', until: 'working-hours' } }],
    ['a severity that there is not', { if: { severity: ['SEV-9'] }, do: [] }],
  ])('has %s', (_, step) => {
    expect(faults([step])).not.toEqual([]);
  });
});
