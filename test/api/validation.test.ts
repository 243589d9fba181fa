import { expect, test } from 'vitest';
import { createValidator } from '../../api/validation.ts';

/** Some seconds of work for any reader of YAML. */
const bomb = Array.from({ length: 15_000 }, (_, index) => `&a${index} x: *a${index}`).join('\n');
const sound = 'apiVersion: evenkeel/v1\nkind: Environment\nmetadata: { name: live }\nspec: {}\n';

const here = new AbortController().signal;

test('documents that take too long to read are refused, meanwhile others are served, and the next ones are read', async () => {
  const validate = createValidator(4_000);
  let beats = 0;
  const beat = setInterval(() => (beats += 1), 20);

  const refused = validate({ files: [{ path: 'bomb.yaml', text: bomb }], existing: [] }, here);
  const next = validate({ files: [{ path: 'live.yaml', text: sound }], existing: [] }, here);

  await expect(refused).rejects.toMatchObject({ status: 422 });
  expect(beats).toBeGreaterThan(20);
  expect(await next).toMatchObject({ documents: [{ kind: 'Environment', name: 'live' }], problems: [], warnings: [] });
  clearInterval(beat);
});

test('whoever has gone holds nobody up: what waits is not read, and what is being read is given up', async () => {
  const validate = createValidator(30_000);
  const clients = Array.from({ length: 20 }, () => new AbortController());
  const read = clients.map(({ signal }) =>
    validate({ files: [{ path: 'bomb.yaml', text: bomb }], existing: [] }, signal),
  );
  const ends = Promise.allSettled(read);
  await expect(validate({ files: [{ path: 'live.yaml', text: sound }], existing: [] }, here)).rejects.toMatchObject({
    status: 503,
  });

  for (const client of clients) client.abort();
  const since = Date.now();
  const next = await validate({ files: [{ path: 'live.yaml', text: sound }], existing: [] }, here);

  expect(next.documents).toHaveLength(1);
  expect(Date.now() - since).toBeLessThan(8_000);
  expect((await ends).every(({ status }) => status === 'rejected')).toBe(true);
});
