import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import { Figures, Input, MetricName, PerformanceRecord, type Period, type Scope, Unit } from '../../domain/metric.ts';
import { compareRecords } from '../../domain/metric/comparison.ts';
import { type Computed, computation } from '../../domain/metric/computation.ts';
import { definitions } from '../../domain/metric/definition.ts';
import type { Evidence } from '../../domain/metric/evidence.ts';
import { gatherEvidence } from '../../domain/metric/gathering.ts';
import { before, PeriodQuery, periodOf } from '../../domain/metric/period.ts';
import { performanceOf } from '../../domain/metric/performance.ts';
import type { Context } from '../context.ts';
import { ScopeQuery, scopeOf } from '../metric-scope.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const ByName = z.strictObject({ name: MetricName });
const Query = z.strictObject({ ...ScopeQuery, ...PeriodQuery });

const Defined = z.object({
  name: MetricName,
  version: z.int(),
  unit: Unit,
  better: z.enum(['higher', 'lower', 'neither']),
  meaning: z.string(),
  misleads: z.string().meta({ description: 'When it says something else than it seems to' }),
});
/** A record that is kept has an id; of a period that lasts still there is none yet. */
const Shown = PerformanceRecord.partial({ id: true, revision: true, computedAt: true });
export type ShownMetric = z.infer<typeof Shown>;

const Compared = z.object({
  metric: MetricName,
  unit: Unit,
  scope: PerformanceRecord.shape.scope,
  before: z.object({ period: PerformanceRecord.shape.period, figures: Figures }),
  after: z.object({ period: PerformanceRecord.shape.period, figures: Figures }),
  verdict: z.enum(['better', 'worse', 'changed', 'not-distinguishable', 'inconclusive']),
  difference: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).optional(),
  p: z.number().optional(),
  why: z.string(),
});
export type ShownComparison = z.infer<typeof Compared>;

/** Metrics: what they are, what they come to, and whether that differs from before. */
export const metricOperations = (context: Context): Untagged[] => {
  const { stores, recent } = context;
  const ports = { observations: stores.observations, objectives: stores.objectives, catalogue: recent };

  const compute = (scope: Scope, period: Period, now: number, metrics?: readonly MetricName[]): Promise<Computed[]> =>
    performanceOf(ports, { scope, period }, now, metrics);

  /** What is over is kept; what lasts still is as it is now. */
  const kept = async (
    found: readonly Computed[],
    of: { scope: Scope; period: Period },
    now: number,
  ): Promise<ShownMetric[]> =>
    Date.parse(of.period.until) > now
      ? found.map(withoutInputs)
      : stores.performanceRecords.keep(found, of, new Date(now).toISOString());

  return [
    operation({
      id: 'listMetrics',
      route: 'GET /v1/metrics',
      summary: 'Lists the metrics that there are, what each means, and when it misleads',
      role: 'holder',
      answer: allOf('Every metric', Defined),
      handle: () =>
        Promise.resolve({
          body: { items: MetricName.options.map((name) => ({ name, ...withoutCompute(definitions[name]) })) },
        }),
    }),
    operation({
      id: 'showMetrics',
      route: 'GET /v1/performance-records',
      summary: 'Computes every metric of a service, a team or all; of a period that is over, what is computed is kept',
      role: 'viewer',
      query: Query,
      answer: allOf('A record for each metric', Shown),
      async handle({ query: { period, from, until, ...asked }, access }) {
        const now = Date.now();
        const scope = await scopeOf(context, access, asked);
        const meant = periodOf({ period, from, until }, now);
        const found = await compute(scope, meant, now);
        return { body: { items: await kept(found, { scope, period: meant }, now) } };
      },
    }),
    operation({
      id: 'showPerformanceRecord',
      route: 'GET /v1/performance-records/{id}',
      summary: 'Shows a record as it was computed',
      role: 'viewer',
      params: z.strictObject({ id: z.uuid() }),
      answer: { status: 200, description: 'The record', schema: PerformanceRecord },
      async handle({ params: { id }, access }) {
        const record = await stores.performanceRecords.find(id);
        if (!record) throw new DomainError('not-found', `there is no performance record ${id}`);
        await scopeOf(context, access, record.scope);
        return { body: record };
      },
    }),
    operation({
      id: 'showMetric',
      route: 'GET /v1/metrics/{name}',
      summary: 'Computes a metric of a service, a team or all; of a period that is over, what is computed is kept',
      role: 'viewer',
      params: ByName,
      query: Query,
      answer: { status: 200, description: 'The record', schema: Shown },
      async handle({ params: { name }, query: { period, from, until, ...asked }, access }) {
        const now = Date.now();
        const scope = await scopeOf(context, access, asked);
        const meant = periodOf({ period, from, until }, now);
        const [shown] = await kept(await compute(scope, meant, now, [name]), { scope, period: meant }, now);
        return { body: shown! };
      },
    }),
    operation({
      id: 'listMetricInputs',
      route: 'GET /v1/metrics/{name}/inputs',
      summary: 'Lists everything that a metric comes from, as it is now, to compute it again by hand',
      role: 'viewer',
      params: ByName,
      query: Query,
      answer: {
        status: 200,
        description: 'The inputs',
        schema: z.object({ hash: z.string(), figures: Figures, items: z.array(Input) }),
      },
      async handle({ params: { name }, query: { period, from, until, ...asked }, access }) {
        const now = Date.now();
        const scope = await scopeOf(context, access, asked);
        const meant = periodOf({ period, from, until }, now);
        const { sources, ...evidence } = await gatherEvidence(ports, scope, meant, now);
        const { hash, figures, inputs } = computation({ scope, period: meant, sources }, evidence)(name);
        const hidden = access.teamsWith('viewer') === undefined ? new Set<string>() : privateIn(evidence);
        const items = [...inputs].map((input) =>
          hidden.has(recordIn(input.id)) ? { ...input, id: `${input.id.split('/', 1)[0]}/private` } : input,
        );
        return { body: { hash, figures, items } };
      },
    }),
    operation({
      id: 'compareMetric',
      route: 'GET /v1/metrics/{name}/comparison',
      summary: 'Compares a metric with the period before, or another one, and says whether they can be told apart',
      role: 'viewer',
      params: ByName,
      query: Query.extend({
        with: PeriodQuery.period.meta({ description: 'The earlier period; the one right before unless said' }),
      }),
      answer: { status: 200, description: 'Both figures, and a verdict', schema: Compared },
      async handle({ params: { name }, query: { period, from, until, with: other, ...asked }, access }) {
        const now = Date.now();
        const scope = await scopeOf(context, access, asked);
        const after = periodOf({ period, from, until }, now);
        const earlier = other === undefined ? before(after) : periodOf({ period: other }, now);
        const [[old], [recently]] = await Promise.all([
          compute(scope, earlier, now, [name]),
          compute(scope, after, now, [name]),
        ]);
        const verdict = compareRecords(old!, recently!, now);
        return {
          body: {
            metric: name,
            unit: recently!.unit,
            scope,
            before: { period: earlier, figures: old!.figures },
            after: { period: after, figures: recently!.figures },
            ...verdict,
          },
        };
      },
    }),
  ];
};

const withoutInputs = (computed: Computed): ShownMetric => {
  const { inputs: _, ...record } = computed;
  return record;
};

const withoutCompute = (definition: (typeof definitions)[MetricName]) => {
  const { compute: _, ...known } = definition;
  return known;
};

/** Incidents and problems whose numbers are not for everybody of the team. */
const privateIn = ({ incidents, earlier, later, actions }: Evidence): Set<string> =>
  new Set([
    ...[...earlier, ...incidents, ...later]
      .filter(({ isPrivate }) => isPrivate)
      .map(({ number }) => incidentReference(number)),
    ...actions.filter(({ isPrivate }) => isPrivate).map(({ id }) => recordIn(id)),
  ]);

/** The record that an input is of: `incident/4/rating/ana` is of `incident/4`. */
const recordIn = (id: string): string => id.split('/', 2).join('/');
