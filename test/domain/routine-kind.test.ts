import { expect, test } from 'vitest';
import { isHeldUp } from '../../domain/objective/hold.rules.ts';
import { RoutineKind } from '../../domain/routine/kind.ts';

test('a spent budget holds up the routines that change a service, and what only looks at one goes on', () => {
  const heldUp = RoutineKind.options.filter((kind) => isHeldUp({ type: 'routine', kind }));
  expect(heldUp).toEqual(['failover-test', 'dr-exercise', 'patching', 'rotation']);
  expect((['deployment', 'rollback', 'request'] as const).map((type) => isHeldUp({ type }))).toEqual([
    true,
    false,
    true,
  ]);
});
