import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { Name } from '../../domain/name.ts';
import { SupplierSpec } from '../../domain/supplier.ts';
import { OutageImpact } from '../../domain/supplier/outage.ts';
import { scorecardOf } from '../../domain/supplier/scorecard.ts';
import { PeriodQuery, periodOf } from '../../domain/metric/period.ts';
import { ownServiceOf } from '../../domain/supplier/own-service.ts';
import {
  MovedStage,
  refuseMove,
  refusePlan,
  SupplierStage,
  supplierLifecycleOf,
} from '../../domain/supplier/lifecycle.ts';
import { SupplierOrder } from '../../domain/trigger/supplier.ts';
import { planIdOf } from '../../domain/identifiers.ts';
import { triggerKeyOf } from '../../domain/trigger/key.ts';
import { type Access, senderOf } from '../access.ts';
import type { Context } from '../context.ts';
import { declare, Opening, openingOf } from '../declaration.ts';
import { idempotencyKeyOf, mayHaveKey, requestId } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const Lifecycle = z.object({
  stage: SupplierStage,
  since: z.string().optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  plan: z.string().optional(),
});
const Feed = z.object({ failingSince: z.string().nullable(), fault: z.string().nullable() });
const Shown = z.object({ name: Name, lifecycle: Lifecycle, feed: Feed.optional(), spec: SupplierSpec });
export type ShownSupplier = z.infer<typeof Shown>;

const Span = z.object({ from: z.string(), until: z.string() });
const Scorecard = z.object({
  period: Span,
  watched: Span.optional().meta({ description: 'The part of it in which the status feed was watched' }),
  lines: z.array(
    z.object({
      metric: z.enum(['availability', 'response']),
      target: z.string(),
      theirs: z.number().nullable().meta({ description: 'Percent, by the definition of the supplier' }),
      ours: z.number().nullable().meta({ description: 'Percent, by ours: every outage counts' }),
      verdict: z.enum(['met', 'missed', 'unknown']),
      credit: z.number().meta({ description: 'Percent of the price that is given back' }),
      why: z.string().optional(),
    }),
  ),
  outages: z.array(
    z.object({
      key: z.string(),
      title: z.string(),
      impact: OutageImpact,
      startedAt: z.string(),
      endedAt: z.string().optional(),
      link: z.string().optional(),
    }),
  ),
});
export type ShownScorecard = z.infer<typeof Scorecard>;

const ByName = z.strictObject({ name: Name });
const Move = z.strictObject({ stage: MovedStage, reason: z.string().min(1, 'a reason is needed').max(1000) });

/** Suppliers: where each is in its life, and what moves it. */
export const supplierOperations = (context: Context): Untagged[] => {
  const { stores, recent } = context;

  const known = async (name: string, access: Access, role: 'viewer' | 'operator'): Promise<SupplierSpec> => {
    const spec = await recent.find('Supplier', name);
    if (!spec) throw new DomainError('not-found', `there is no supplier ${name}`);
    access.demand(role, spec.owner, `supplier ${name}`);
    return spec;
  };
  const shown = async (suppliers: readonly { name: string; spec: SupplierSpec }[]): Promise<ShownSupplier[]> => {
    const names = suppliers.map(({ name }) => name);
    const events = await stores.suppliers.eventsOf(names);
    const feeds = await stores.supplierFeeds.statesOf(names);
    return suppliers.map(({ name, spec }) => {
      const feed = feeds.get(name);
      const lifecycle = supplierLifecycleOf(spec.stage, events.get(name) ?? []);
      return { name, lifecycle, ...(feed && { feed }), spec };
    });
  };

  /** Opens its plan of a kind, where its stage lets that begin. */
  const opens = (id: string, kind: 'onboarding' | 'exit', summary: string): Untagged =>
    operation({
      id,
      route: `POST /v1/suppliers/{name}/${kind}`,
      summary,
      role: 'operator',
      params: ByName,
      headers: mayHaveKey,
      body: SupplierOrder,
      answer: Opening,
      async handle({ params: { name: supplier }, body, access, headers }) {
        const spec = await known(supplier, access, 'operator');
        if (spec.plans[kind] === undefined)
          throw new DomainError('invalid', `supplier ${supplier} names no plan for it: plans.${kind}`);
        const { environment } = spec;
        const service = body.service ?? (await ownServiceOf(spec, recent));
        if (service === undefined)
          throw new DomainError('conflict', `team ${spec.owner} owns none of the services that the supplier serves`);
        if (!spec.services.some((served) => served.service === service))
          throw new DomainError('invalid', `supplier ${supplier} does not serve ${service}`, 'service');
        if ((await recent.find('Service', service))?.owner !== spec.owner)
          throw new DomainError('invalid', `service ${service} does not belong to team ${spec.owner}`, 'service');
        const factKey = `${supplier}/${kind}/${idempotencyKeyOf(headers) ?? randomUUID()}`;
        const before = planIdOf(service, environment, triggerKeyOf(`api/${senderOf(access)}`, factKey));
        // A repeat is answered with the plan that the first one has opened, though that has moved the supplier.
        if (!(await stores.plans.find(before))) {
          const [now] = await shown([{ name: supplier, spec }]);
          refusePlan(supplier, now!.lifecycle, kind);
        }
        const facts = [{ supplier, kind, order: { ...body, service, environment }, factKey }];
        const content = { family: 'supplier' as const, facts };
        const what = { what: `supplier-${kind}`, name: `supplier.${kind}`, team: spec.owner, content };
        return openingOf(await declare(context, what, { access, headers }));
      },
    });

  return [
    operation({
      id: 'listSuppliers',
      route: 'GET /v1/suppliers',
      summary: 'Lists the suppliers of your teams, with where each is in its life',
      role: 'viewer',
      answer: allOf('All suppliers that you see', Shown),
      async handle({ access }) {
        const documents = await stores.catalogue.list('Supplier');
        const visible = documents.filter(({ spec }) => access.roleIn(spec.owner) !== undefined);
        return { body: { items: await shown(visible) } };
      },
    }),
    operation({
      id: 'showSupplier',
      route: 'GET /v1/suppliers/{name}',
      summary: 'Shows a supplier: contract, promises, access, and where it is in its life',
      role: 'viewer',
      params: ByName,
      answer: { status: 200, description: 'The supplier', schema: Shown },
      async handle({ params: { name }, access }) {
        const spec = await known(name, access, 'viewer');
        const [found] = await shown([{ name, spec }]);
        return { body: found };
      },
    }),
    operation({
      id: 'moveSupplier',
      route: 'POST /v1/suppliers/{name}/stage',
      summary: 'Moves a supplier to a stage that people decide on',
      role: 'operator',
      params: ByName,
      headers: mayHaveKey,
      body: Move,
      answer: { status: 200, description: 'The supplier', schema: Shown },
      async handle({ params: { name }, body: { stage, reason }, access, headers }) {
        const spec = await known(name, access, 'operator');
        const id = requestId(`moveSupplier/${name}`, { access, headers });
        const move = { id, supplier: name, stage, by: access.actor, reason, at: new Date().toISOString() };
        await stores.suppliers.move(move, (events) => refuseMove(name, supplierLifecycleOf(spec.stage, events), stage));
        const [found] = await shown([{ name, spec }]);
        return { body: found };
      },
    }),
    operation({
      id: 'showSupplierScorecard',
      route: 'GET /v1/suppliers/{name}/scorecard',
      summary: 'Shows what a supplier promised beside what came of it, by its definition and by ours',
      role: 'viewer',
      params: ByName,
      query: z.strictObject(PeriodQuery),
      answer: { status: 200, description: 'A line for each promise', schema: Scorecard },
      async handle({ params: { name }, query, access }) {
        const spec = await known(name, access, 'viewer');
        const now = Date.now();
        const period = periodOf(query, now);
        const { watchedSince, outages } = await stores.supplierFeeds.outagesOf(name, period);
        const from = Math.max(Date.parse(period.from), Date.parse(watchedSince ?? period.until));
        const until = Math.min(Date.parse(period.until), now);
        const watched = from < until ? { from, until } : undefined;
        const shownSpan = watched && { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
        return {
          body: {
            period,
            ...(shownSpan && { watched: shownSpan }),
            lines: scorecardOf(spec, outages, watched),
            outages,
          },
        };
      },
    }),
    opens('onboardSupplier', 'onboarding', 'Opens the plan that takes a supplier into operation'),
    opens('exitSupplier', 'exit', 'Opens the plan that ends the work with a supplier'),
  ];
};
