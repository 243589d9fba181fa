import { canonical, sha256Of } from '../digest.ts';
import type { MetricName, PerformanceRecord, Period, Scope } from '../metric.ts';
import { definitions } from './definition.ts';
import { type Evidence, leavingOut } from './evidence.ts';
import type { Inputs } from './finding.ts';

/** A record before it is kept: the same evidence gives the same one, whatever its order. */
export type Computed = Omit<PerformanceRecord, 'id' | 'revision' | 'computedAt'> & { inputs: Inputs };

interface Asked {
  scope: Scope;
  period: Period;
  sources: PerformanceRecord['sources'];
}

/** Computes metrics from evidence, whose order is made the same once for all of them. */
export const computation = ({ scope, period, sources }: Asked, given: Evidence): ((metric: MetricName) => Computed) => {
  const evidence = inOrder(given);
  const leftOut = leftOutOf(evidence);
  return (metric) => {
    const { version, unit, compute } = definitions[metric];
    const { inputs, ...figures } = compute(evidence);
    const hash = hashOf({ metric, version, scope, period, figures }, inputs);
    return { metric, version, unit, scope, period, figures, leftOut, sources, hash, inputs };
  };
};

/** SHA-256 of the canonical JSON of a computation and of a line for each input: its id, its class and its value, with tabs. */
const hashOf = (computed: Pick<Computed, 'metric' | 'version' | 'scope' | 'period' | 'figures'>, inputs: Inputs) =>
  sha256Of(linesOf(canonical(computed), inputs));

function* linesOf(head: string, inputs: Inputs): Generator<string, void, undefined> {
  yield head;
  for (const { id, class: of = '', value } of inputs) yield `\n${id}\t${of}\t${value}`;
}

/** Sums and lists come out the same, in whatever order the evidence came. */
const inOrder = (evidence: Evidence): Evidence => ({
  ...evidence,
  incidents: evidence.incidents.toSorted(byNumber),
  earlier: evidence.earlier.toSorted(byNumber),
  later: evidence.later.toSorted(byNumber),
  needed: evidence.needed.toSorted(byNumber),
  plans: evidence.plans.toSorted(byId),
  pages: evidence.pages.toSorted(byId),
  actions: evidence.actions.toSorted(byId),
  ratings: evidence.ratings.toSorted((a, b) => a.incident - b.incident || (a.person < b.person ? -1 : 1)),
  watches: evidence.watches.toSorted((a, b) => (a.service < b.service ? -1 : 1)),
});

const byNumber = (a: { number: number }, b: { number: number }): number => a.number - b.number;
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const leftOutOf = ({ incidents }: Evidence): Computed['leftOut'] =>
  [
    ...Map.groupBy(
      incidents.flatMap((incident) => leavingOut(incident) ?? []),
      (why) => why,
    ),
  ]
    .map(([why, some]) => ({ why, n: some.length }))
    .toSorted((a, b) => (a.why < b.why ? -1 : 1));
