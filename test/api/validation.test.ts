import { expect, test } from 'vitest';
import { createValidator } from '../../api/validation.ts';

/** Some seconds of work for any reader of YAML. */
const bomb = Array.from({ length: 15_000 }, (_, index) => `&a${index} x: *a${index}`).join('\n');
const sound = 'apiVersion: evenkeel/v1\nkind: Environment\nmetadata: { name: live }\nspec: {}\n';

test('documents that take too long to read are refused, meanwhile others are served, and the next ones are read', async () => {
  const validate = createValidator(4_000);
  let beats = 0;
  const beat = setInterval(() => (beats += 1), 20);

  const refused = validate({ files: [{ path: 'bomb.yaml', text: bomb }], existing: [] });
  const next = validate({ files: [{ path: 'live.yaml', text: sound }], existing: [] });

  await expect(refused).rejects.toMatchObject({ status: 422 });
  expect(beats).toBeGreaterThan(20);
  expect(await next).toMatchObject({ documents: [{ kind: 'Environment', name: 'live' }], problems: [], warnings: [] });
  clearInterval(beat);
});
