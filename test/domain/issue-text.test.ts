import { expect, test } from 'vitest';
import { z } from 'zod';
import { faultText } from '../../domain/catalogue/issue-text.ts';

test.each([
  [z.int().min(1), 0, 'must be at least 1'],
  [z.number().lt(100), 100, 'must be less than 100'],
  [z.number().gt(0), 0, 'must be more than 0'],
  [z.number().max(5), 6, 'must be at most 5'],
  [z.int(), 1.5, 'expected a whole number'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(3), 'a', 'must have at least 3 characters'],
  [z.string().max(1), 'ab', 'must have at most 1 character'],
  [z.array(z.string()).min(1), [], 'must have at least 1 item'],
  [z.url(), 'here', 'must be a URL such as https://example.com/page'],
  [z.uuid(), '7', 'must be an id such as 3f0c1a52-7d1e-4b8a-9c55-0d2f6a1b7e90'],
  [z.email(), 'ana', 'must be an address such as ana@example.com'],
  [z.iso.datetime(), 'now', 'must be a time such as 2026-11-28T09:30:00Z'],
  [z.iso.date(), 'soon', 'must be a date such as 2026-12-15'],
  [z.strictObject({}), undefined, 'is missing'],
  [z.string(), 3, 'expected string, received number: put it in quotes'],
  [z.enum(['a', 'b']), undefined, 'is missing: expected one of a, b'],
  [z.string().min(1, 'a reason is needed'), '', 'a reason is needed'],
])('%#: a fault is said in words for who wrote it', (schema, value, text) => {
  const [issue] = schema.safeParse(value).error!.issues;

  expect(faultText(issue!, value)).toBe(text);
});
