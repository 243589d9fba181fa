import { expect, test } from 'vitest';
import { inTurn } from '../../workers/correlation/in-turn.ts';

test('what takes long lets others have their turn', async () => {
  const seen: string[] = [];
  const busy = (name: string): string => {
    for (const end = performance.now() + 25; performance.now() < end;);
    seen.push(name);
    return name.toUpperCase();
  };

  setImmediate(() => seen.push('other'));

  expect(await inTurn(['a', 'b'], busy)).toEqual(['A', 'B']);
  expect(seen).toEqual(['a', 'other', 'b']);
});
