import type { ObjectiveDefinition } from '../../domain/objective/definition.ts';
import { nextSpan } from '../../domain/objective/asking.rules.ts';
import { unitsOf } from '../../domain/objective/budget.rules.ts';
import type { MeasuredSlot } from '../../domain/objective/ports.ts';
import { countOf, slotQueriesOf } from '../../domain/objective/query.rules.ts';
import type { Span } from '../../domain/objective/window.ts';
import type { ActivityPorts } from '../ports.ts';
import { unlessRefused } from '../refusal.ts';
import { askRange, type RangeValues } from '../probes/prometheus-range.ts';

type Ports = Pick<ActivityPorts, 'objectives' | 'egress' | 'secrets'>;

/** How often a source is asked in one go: a month of minutes and some. */
const mostAsked = 40;

/**
 * Asks for what is missing of a series, from its source's own past too, so that an outage of ours leaves no gap. A source that
 * does not answer leaves it for later: only its answer says that there was no data.
 */
export const measure = async (
  ports: Ports,
  objective: ObjectiveDefinition,
  wanted: { from: number; end: number },
  alive: () => void,
): Promise<{ isBehind: boolean; trouble?: string }> => {
  const { series, slotMs } = objective;
  for (let asked = 0; asked < mostAsked; asked += 1) {
    alive();
    const span = nextSpan(await ports.objectives.progress(series), wanted, slotMs);
    if (!span) return { isBehind: false };
    const slots = await slotsIn(ports, objective, span);
    if ('trouble' in slots) return { isBehind: false, trouble: slots.trouble };
    await ports.objectives.fill(series, span, slots);
  }
  return { isBehind: nextSpan(await ports.objectives.progress(series), wanted, slotMs) !== undefined };
};

const slotsIn = async (
  ports: Ports,
  { source, indicator, slotMs, method, sliceTarget }: ObjectiveDefinition,
  { from, until }: Span,
): Promise<MeasuredSlot[] | { trouble: string }> => {
  const queries = slotQueriesOf(indicator, slotMs);
  const ask = (query: string): Promise<RangeValues> =>
    unlessRefused(
      () => askRange(ports, source, query, { from: from + slotMs, until }, slotMs),
      (trouble) => ({ trouble }),
    );
  const part = await ask(queries.part);
  if ('trouble' in part) return part;
  const total = queries.total === undefined ? undefined : await ask(queries.total);
  if (total && 'trouble' in total) return total;
  const slots: MeasuredSlot[] = [];
  for (let at = from; at < until; at += slotMs) {
    const count = countOf(indicator, part.values.get(at + slotMs), total?.values.get(at + slotMs));
    slots.push({ at, ...unitsOf(count ?? { good: 0, total: 0 }, method, sliceTarget) });
  }
  return slots;
};
