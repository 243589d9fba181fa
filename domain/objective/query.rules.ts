import type { Count, Indicator } from './definition.ts';

const text = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;
const selector = String.raw`[a-zA-Z_:][\w:]*(?:\s*\{(?:[^{}"']|${text})*\})?|\{(?:[^{}"']|${text})*\}`;
const counted = new RegExp(String.raw`^\s*(?:sum\s*\(\s*(${selector})\s*\)|(${selector}))\s*$`);

/** The counters that a query sums: a selector, or `sum` of one. Undefined for anything else. */
const selectorIn = (query: string): string | undefined => {
  const [, summed, plain] = counted.exec(query) ?? [];
  return summed ?? plain;
};

/** Whether what a query counts in a slot can be asked for: only counters that are summed once are known one by one. */
export const isCountable = (query: string): boolean => selectorIn(query) !== undefined;

/**
 * What the counters of a query grew by within a slot that ends, each for itself: one that went down began anew, and one that is
 * new began before anybody looked.
 */
const growthOf = (query: string, slotMs: number): string => {
  const counter = selectorIn(query) ?? query;
  const before = `${counter} offset ${slotMs / 1000}s`;
  return `sum((${counter} - (${before}) >= 0) or (${counter} and (${before})))`;
};

/** What is asked for slots: each query gives the value of a slot at its end. */
export const slotQueriesOf = (indicator: Indicator, slotMs: number): { part: string; total?: string } => {
  if (indicator.kind !== 'ratio') return { part: indicator.query };
  const { counter, query, total } = indicator;
  return counter ? { part: growthOf(query, slotMs), total: growthOf(total, slotMs) } : { part: query, total };
};

/** More in one slot was never counted: years of such slots would add up to numbers that nobody can read. */
const mostCounted = 1e12;

/** What was counted in a slot, from the values at its end; undefined: no data. */
export const countOf = (
  indicator: Indicator,
  part: number | undefined,
  total: number | undefined,
): Count | undefined => {
  switch (indicator.kind) {
    case 'threshold':
      return part === undefined ? undefined : { good: isMet(indicator, part) ? 1 : 0, total: 1 };
    case 'raw':
      return part === undefined ? undefined : { good: clamp(indicator.isSuccess ? part : 1 - part), total: 1 };
    case 'ratio': {
      if (total === undefined || total <= 0 || total > mostCounted) return undefined;
      // A series that nobody has written to counts nothing.
      const some = Math.min(total, Math.max(0, part ?? 0));
      return { good: indicator.part === 'good' ? some : total - some, total };
    }
  }
};

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

const isMet = ({ op, value }: Extract<Indicator, { kind: 'threshold' }>, measured: number): boolean => {
  switch (op) {
    case 'lt':
      return measured < value;
    case 'lte':
      return measured <= value;
    case 'gt':
      return measured > value;
    case 'gte':
      return measured >= value;
  }
};
