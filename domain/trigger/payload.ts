import { keepable } from '../text.ts';

const [longest, deepest] = [16_384, 16];

/**
 * What a sender adds in a form of its own, as far as rules may look at it: plain data that the database keeps. Anything
 * else in it is left out; undefined when there is nothing, or too much.
 */
export const payloadOf = (value: unknown): unknown => {
  const told = typeof value === 'string' ? parsedOf(value) : value;
  if (told === undefined || told === null) return undefined;
  const budget = { left: longest };
  const kept = plain(told, budget, deepest);
  return budget.left >= 0 ? kept : undefined;
};

/** Many write JSON into a text. */
const parsedOf = (text: string): unknown => {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const plain = (value: unknown, budget: { left: number }, levels: number): unknown => {
  budget.left -= 1;
  if (budget.left < 0) return undefined;
  if (typeof value === 'string') {
    budget.left -= value.length;
    return keepable(value, longest);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return undefined;
  if (Array.isArray(value)) return value.map((item) => plain(item, budget, levels - 1) ?? null);
  const members = Object.entries(value).filter(([name]) => name !== '__proto__');
  return Object.fromEntries(
    members.map(([name, member]) => {
      budget.left -= name.length;
      return [keepable(name, longest), plain(member, budget, levels - 1)];
    }),
  );
};
