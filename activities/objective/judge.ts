import type { BudgetRule } from '../../domain/error-budget-policy.ts';
import { attainment } from '../../domain/objective/budget.rules.ts';
import { exhaustionMs } from '../../domain/objective/burn.rules.ts';
import type { ObjectiveDefinition } from '../../domain/objective/definition.ts';
import { type Evaluation, evaluate, spanText } from '../../domain/objective/evaluate.ts';
import type { Progress, TurnedHold } from '../../domain/objective/ports.ts';
import type { ObjectiveState } from '../../domain/objective/state.ts';
import { type Policy, wantedHolds } from '../../domain/objective/wanted.ts';
import { type Span, windowAt } from '../../domain/objective/window.ts';
import type { ActivityPorts } from '../ports.ts';
import { incidentUses } from './incident-use.ts';

interface Ask {
  objective: ObjectiveDefinition;
  policies: readonly Policy[];
  /** Those of the policies that are about the objective. */
  rules: readonly BudgetRule[];
  lookbacks: readonly number[];
  trouble: string | undefined;
  /** Instants in milliseconds: the clock, and the end of the last slot that could be asked for. */
  now: number;
  end: number;
}

/** Keeps how an objective stands, tells of its alerts, and opens or ends what its budget holds up; the holds that turned. */
export const judge = async (
  ports: Pick<ActivityPorts, 'catalogue' | 'objectives' | 'observations'>,
  { objective, policies, rules, lookbacks, trouble, now, end }: Ask,
): Promise<TurnedHold[]> => {
  const { objectives } = ports;
  const progress = await objectives.progress(objective.series);
  const asOf = progress?.until ?? end;
  const spans: Span[] = [
    { from: windowAt(objective.window, asOf).from, until: asOf },
    ...lookbacks.map((windowMs) => ({ from: asOf - windowMs, until: asOf })),
  ];
  const readings = await objectives.read(objective.series, spans);
  const read = ({ from }: Span) => {
    const reading = readings[spans.findIndex((span) => span.from === from)];
    if (!reading) throw new Error(`what there was since ${iso(from)} was not read`);
    return reading;
  };
  const evaluation = evaluate(objective, { asOf, now, lastDataAt: progress?.lastDataAt, lookbacks }, read);
  const place = { objective: objective.name, service: objective.service, team: objective.team };
  const state = stateOf(objective, evaluation, { progress, trouble, asOf });
  if (!(await objectives.settle(place, state, evaluation.verdicts, now))) return [];
  // A part of a window would say that a budget is used which is not, or that it has recovered.
  if (!progress || progress.from > evaluation.window.from + objective.slotMs) return [];
  const countIn = (windowMs: number) => read({ from: asOf - windowMs, until: asOf });
  const asksOfIncidents = rules.some(({ condition }) => 'incidentPercent' in condition);
  const uses = asksOfIncidents ? await incidentUses(ports, objective, evaluation, { asOf, now }) : [];
  const standing = { budget: evaluation.budget, countIn, uses };
  return objectives.settleHolds(place, wantedHolds(objective, policies, standing), now);
};

const iso = (at: number): string => new Date(at).toISOString();

const stateOf = (
  { name, slo, title, service, team, target, method, series, slotMs, budget: share }: ObjectiveDefinition,
  { window, budget, unmeasured, empty, burnRates }: Evaluation,
  { progress, trouble, asOf }: { progress: Progress | undefined; trouble: string | undefined; asOf: number },
): ObjectiveState => {
  const { good, total, bad, allowed, used } = budget;
  const { met } = attainment(budget, share);
  const lastHour = burnRates.find(({ windowMs }) => windowMs === 3_600_000)?.burnRate;
  const leftMs = exhaustionMs((window.until - window.from) * Math.max(0, 1 - (used ?? 0)), lastHour);
  return {
    name,
    slo,
    title,
    service,
    team,
    target,
    method,
    series,
    slotMs,
    window: { from: iso(window.from), until: iso(window.until) },
    ...(progress && { asOf: iso(asOf) }),
    ...(progress?.lastDataAt !== undefined && { lastDataAt: iso(progress.lastDataAt) }),
    good,
    total,
    bad,
    allowed,
    ...(used === undefined ? {} : { used }),
    ...(met === undefined ? {} : { met }),
    unmeasured,
    empty,
    burnRates: burnRates.map(({ windowMs, burnRate }) => ({
      window: spanText(windowMs),
      ...(burnRate === undefined ? {} : { burnRate }),
    })),
    ...(leftMs === undefined || leftMs > 100 * 366 * 86_400_000 ? {} : { exhaustedAt: iso(asOf + Math.round(leftMs)) }),
    ...(trouble === undefined ? {} : { trouble }),
  };
};
