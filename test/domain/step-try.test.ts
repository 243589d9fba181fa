import { expect, test } from 'vitest';
import { effectKeyOf, isEffectOf, undoEffectKeyOf } from '../../domain/identifiers.ts';
import { failedTry, triesOf } from '../../domain/step-try.rules.ts';

const run = 'operation-plan/checkout/production/1/work/run/1';

test.each([
  [effectKeyOf(run, 'go', 1), 'step'],
  [effectKeyOf(run, 'go', 12), 'step'],
  [`${effectKeyOf(run, 'go', 1)}/attempt-2`, 'step'],
  [undoEffectKeyOf(run, 'go', 3), 'undo'],
  [effectKeyOf(run, 'go-on', 1), undefined],
  [effectKeyOf(`${run}1`, 'go', 1), undefined],
  [`${run}/go/failed/1`, undefined],
  [`${run}/go/1/ana`, undefined],
  [`before/${effectKeyOf(run, 'go', 1)}`, undefined],
])('the key %s is of the step: %s', (key, expected) => {
  expect(isEffectOf(key, run, 'go')).toBe(expected);
});

test('each try of a step says what its target said, and one under way says nothing yet', () => {
  const at = '2026-03-24T09:00:00.000Z';
  const effect = (key: string, result: { ok: boolean; detail: string; output?: string } | null) => ({
    key,
    kind: 'command',
    state: 'sent',
    at,
    result,
  });
  const tries = triesOf(run, 'go', [
    effect(effectKeyOf(run, 'go', 1), { ok: false, detail: 'exit code 3', output: 'column exists' }),
    effect(effectKeyOf(run, 'other', 1), { ok: false, detail: 'exit code 4', output: 'other' }),
    effect(effectKeyOf(run, 'go', 2), { ok: false, detail: 'exit code 3', output: ' \n' }),
    effect(effectKeyOf(run, 'go', 3), null),
  ]);

  expect(tries).toEqual([
    { at, of: 'step', ok: false, detail: 'exit code 3', output: 'column exists' },
    { at, of: 'step', ok: false, detail: 'exit code 3', output: ' \n' },
    { at, of: 'step', ok: undefined, detail: undefined, output: undefined },
  ]);
  expect(failedTry(tries)?.output).toBe('column exists');
  expect(failedTry([])).toBeUndefined();
});
