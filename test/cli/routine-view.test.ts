import { expect, test } from 'vitest';
import { coverageText, routinesText, runsText } from '../../cli/routine-view.ts';
import type { RoutineRun } from '../../domain/routine/run.ts';

const covered = (kind: 'patching' | 'access-review', coverage: 'proven' | 'none') => ({
  service: 'checkout',
  team: 'shop',
  kind,
  everyDays: 30,
  coverage,
  routines: [],
  lastSuccessAt: null,
});

test('coverage shows what is not proven, and all when somebody asks for it', () => {
  const items = [covered('patching', 'proven'), covered('access-review', 'none')];
  expect(coverageText({ items }, false)).not.toContain('patching');
  expect(coverageText({ items }, false)).toContain('access-review  30d    no routine does it');
  expect(coverageText({ items }, true)).toContain('patching');
  expect(coverageText({ items }, true)).toContain('1 of 2 proven');
  expect(coverageText({ items: [items[0]!] }, false)).toContain('everything is proven');
});

test('the history of a routine says of each time what became of it, and why', () => {
  const run: RoutineRun = {
    id: '00000000-0000-4000-8000-000000000000',
    routine: 'nightly',
    team: 'shop',
    kind: 'patching',
    dueAt: '2026-06-02T00:30:00.000Z',
    opensAt: '2026-06-02T00:30:00.000Z',
    service: null,
    environment: null,
    status: 'skipped',
    why: 'it selects no service of team shop',
    plan: null,
    orderedBy: null,
    endedAt: null,
  };
  expect(runsText([run])).toMatch(/^2026-06-02 00:30:00Z .*skipped +it selects no service of team shop$/m);
  expect(runsText([])).toBe('it was not due yet');
});

test('a list of routines says who has paused one, and why', () => {
  const routine = {
    name: 'nightly',
    description: 'd',
    team: 'shop',
    kind: 'patching' as const,
    cron: '30 2 * * *',
    zone: 'UTC',
    template: 'check',
    paused: { by: 'cid', at: '2026-06-02T00:30:00.000Z', reason: 'The archive moves' },
    nextDueAt: null,
    last: null,
  };
  expect(routinesText([routine])).toContain('by cid: The archive moves');
});
