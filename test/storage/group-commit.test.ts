import { expect, test } from 'vitest';
import { createGroupCommit } from '../../storage/group-commit.ts';

const failed = (code: string): Error => Object.assign(new Error('failed'), { code });

/** What becomes of three items of which two are written in one statement that fails with this code. */
const writing = async (code: string): Promise<string[]> => {
  const commit = createGroupCommit<string, string>({
    keyOf: (item) => item,
    async write(items) {
      await Promise.resolve();
      if (items.length > 1) throw failed(code);
      return new Map(items.map((item) => [item, `${item} written`]));
    },
  });
  const settled = await Promise.allSettled(['a', 'b', 'c'].map((item) => commit(item)));
  return settled.map((each) => (each.status === 'fulfilled' ? String(each.value) : 'failed'));
};

test.each(['23514', '40P01', '40001', '55P03'])('what %s hits together is written one by one', async (code) => {
  expect(await writing(code)).toEqual(['a written', 'b written', 'c written']);
});

test('a database that is away is not asked once for each', async () => {
  expect(await writing('57P03')).toEqual(['a written', 'failed', 'failed']);
});
