import { z } from 'zod';
import { Duration, milliseconds } from '../../domain/duration.ts';
import { DomainError } from '../../domain/errors.ts';
import { override, review } from '../../domain/objective/hold.rules.ts';
import { BudgetHold } from '../../domain/objective/hold.ts';
import { objectivesIn } from '../../domain/objective/named.ts';
import { wakingSignals } from '../../domain/objective/waking.ts';
import { PrometheusRules, prometheusRulesOf } from '../../domain/objective/prometheus-rules.ts';
import { ObjectiveState } from '../../domain/objective/state.ts';
import { type Access, demandPerson } from '../access.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf, PageQuery, pageOfListed, pagesOf, positionOf, uuid } from '../page.ts';

const ByName = z.strictObject({ name: z.string().max(70) });
const ById = z.strictObject({ id: z.uuid() });
const reason = z.string().min(1, 'a reason is needed').max(1000);

const Shown = ObjectiveState.extend({
  alerts: z.array(z.strictObject({ alert: z.string(), raisedAt: z.string() })),
  holds: z.array(BudgetHold),
  burnDown: z.array(z.strictObject({ at: z.string(), good: z.number(), total: z.number() })).meta({
    description: 'What was counted in the window, by day, or by hour in a window of less than four days',
  }),
});

const hour = 3_600_000;

/** What services promise, how it stands, and what a spent error budget holds up. */
export const objectiveOperations = ({ stores, commands }: Context): Untagged[] => {
  const { objectives, budgetHolds, plans } = stores;

  const holdFor = async (id: string, access: Access): Promise<BudgetHold> => {
    const hold = await budgetHolds.find(id);
    if (!hold) throw new DomainError('not-found', `there is no budget hold ${id}`);
    access.demand('viewer', hold.team, `budget hold ${id}`);
    return hold;
  };

  /** Plans that wait look again at once. */
  const wake = async (hold: BudgetHold, happened: string): Promise<void> => {
    for (const signal of wakingSignals(hold, happened, await plans.openOf(hold.service))) await commands.accept(signal);
  };

  return [
    operation({
      id: 'listObjectives',
      route: 'GET /v1/objectives',
      summary: 'Lists the objectives of your teams with how much of their error budgets is used',
      role: 'viewer',
      answer: allOf('All objectives that were looked at, by name', ObjectiveState),
      async handle({ access }) {
        const teams = access.teamsWith('viewer');
        const items = (await objectives.states()).filter(({ team }) => teams?.includes(team) ?? true);
        return { body: { items } };
      },
    }),
    operation({
      id: 'exportObjectives',
      route: 'GET /v1/objective-rules',
      summary: 'Writes the objectives of your teams as recording and alerting rules for Prometheus',
      role: 'viewer',
      answer: { status: 200, description: 'A file of rules', schema: PrometheusRules },
      async handle({ access }) {
        const teams = access.teamsWith('viewer');
        const all = await objectivesIn(stores.catalogue, Date.now());
        return { body: prometheusRulesOf(all.filter(({ team }) => teams?.includes(team) ?? true)) };
      },
    }),
    operation({
      id: 'showObjective',
      route: 'GET /v1/objectives/{name}',
      summary: 'Shows an objective: budget, burn rates, alerts, holds, and what was counted by day',
      role: 'viewer',
      params: ByName,
      answer: { status: 200, description: 'The objective', schema: Shown },
      async handle({ params: { name }, access }) {
        const state = await objectives.state(name);
        if (!state) throw new DomainError('not-found', `there is no objective ${name}, or it was not looked at yet`);
        access.demand('viewer', state.team, `objective ${name}`);
        const [from, until] = [Date.parse(state.window.from), Date.parse(state.window.until)];
        const stepMs = until - from < 4 * 24 * hour ? hour : 24 * hour;
        const [firing, holds, burnDown] = await Promise.all([
          objectives.firing(name),
          objectives.holdsOn(state.service),
          objectives.steps(state.series, { from: Math.floor(from / stepMs) * stepMs, until }, stepMs),
        ]);
        return {
          body: { ...state, alerts: firing, holds: holds.filter(({ objective }) => objective === name), burnDown },
        };
      },
    }),
    operation({
      id: 'listBudgetHolds',
      route: 'GET /v1/budget-holds',
      summary: 'Lists what spent error budgets hold up, newest first',
      role: 'viewer',
      query: z.strictObject({ ...PageQuery, open: z.enum(['true', 'false']).optional() }),
      answer: pagesOf(BudgetHold),
      async handle({ query: { after, limit, open }, access }) {
        const page = { teams: access.teamsWith('viewer'), after: positionOf(after, uuid), limit };
        return {
          body: pageOfListed(
            await budgetHolds.list({ ...page, open: open === undefined ? undefined : open === 'true' }),
            (hold) => hold,
          ),
        };
      },
    }),
    operation({
      id: 'overrideBudgetHold',
      route: 'POST /v1/budget-holds/{id}/override',
      summary: 'Lets changes pass a budget hold for a while; the policy says who may, and for how long',
      role: 'operator',
      params: ById,
      body: z.strictObject({
        reason,
        for: Duration.optional().meta({ description: 'Default: as long as the policy allows' }),
      }),
      answer: { status: 200, description: 'The hold', schema: BudgetHold },
      async handle({ params: { id }, body, access }) {
        const hold = await holdFor(id, access);
        const { role, expiry } = hold.override;
        access.demand(role, hold.team, `budget hold ${id}`);
        demandPerson(access, 'only a person with a personal token overrides a budget hold');
        const at = new Date().toISOString();
        const until = new Date(Date.parse(at) + milliseconds(body.for ?? expiry)).toISOString();
        const by = { name: access.actor.name, role, reason: body.reason, at, until };
        const what = { action: 'overridden', by: access.actor, at, reason: body.reason } as const;
        const kept = await budgetHolds.change(id, what, (now) => override(now, by, milliseconds(expiry)));
        await wake(kept, `overridden/${at}`);
        return { body: kept };
      },
    }),
    operation({
      id: 'reviewBudgetHold',
      route: 'POST /v1/budget-holds/{id}/review',
      summary: 'Writes down the review that a budget hold asks for; plans that wait for it go on',
      role: 'operator',
      params: ById,
      body: z.strictObject({ text: z.string().min(1).max(5000) }),
      answer: { status: 200, description: 'The hold', schema: BudgetHold },
      async handle({ params: { id }, body: { text }, access }) {
        const hold = await holdFor(id, access);
        access.demand('operator', hold.team, `budget hold ${id}`);
        demandPerson(access, 'only a person with a personal token reviews a budget hold');
        const at = new Date().toISOString();
        const what = { action: 'reviewed', by: access.actor, at, reason: text.slice(0, 1000) } as const;
        const kept = await budgetHolds.change(id, what, (now) => review(now, { name: access.actor.name, at, text }));
        await wake(kept, 'reviewed');
        return { body: kept };
      },
    }),
  ];
};
