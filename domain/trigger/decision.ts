import type { PlanId } from '../id.ts';
import type { Foreseen, Verdict } from '../inbox.ts';
import type { Reference } from '../reference.ts';
import { keepable } from '../text.ts';
import type { DeploymentChange } from '../deployment.ts';
import type { TriggerType } from '../trigger.ts';

/** Where a fact belongs, in the catalogue's names: with the team that owns it, and the template for such a change. */
export interface Place {
  service: string;
  environment: string;
  owner: string;
  template?: string | undefined;
}

/** What has to be known to decide where a deployment fact leads. */
export interface Situation<Plan extends { isOver: boolean }> {
  change: DeploymentChange;
  place: Place | { gap: string } | { skipped: string };
  /** The plan that this very occurrence opened before, where that is looked up. */
  earlier?: Plan | undefined;
  /** The plan that was told of this rollback before. */
  told?: PlanId | undefined;
  /** Open plans of the place, the newest first. */
  open: readonly { id: PlanId; type: TriggerType }[];
}

export type Decision<Plan> =
  /** It opens a plan of its own, unless one is open for the same artifact. */
  | { to: 'open'; place: Place & { template: string } }
  /** An open plan hears of it; a rollback belongs to the plan that was told of it first. */
  | { to: 'attach'; plan: PlanId }
  /** It opened this plan before. */
  | { to: 'earlier'; plan: Plan }
  /** Something is missing before it leads anywhere. */
  | { to: 'gap'; gap: string }
  /** Nobody wants to hear of such things. */
  | { to: 'skipped'; skipped: string }
  /** It is kept, and changes nothing. */
  | { to: 'evidence' };

/** Progress, failure and the like are heard by an open plan; they open none. */
export const opensPlans = (change: DeploymentChange): boolean => change === 'deployed' || change === 'rolled-back';

/** Where a deployment fact leads: the one place where that is decided. */
export function decide<Plan extends { isOver: boolean }>({
  change,
  place,
  earlier,
  told,
  open,
}: Situation<Plan>): Decision<Plan> {
  if ('gap' in place) return { to: 'gap', gap: place.gap };
  if ('skipped' in place) return { to: 'skipped', skipped: place.skipped };
  // What is told of deployments concerns no other plan, and a rollback concerns what is being deployed, not another rollback.
  const hearing = open.find(({ type }) => type === 'deployment' || (type === 'rollback' && change !== 'rolled-back'));
  if (!opensPlans(change)) return hearing ? { to: 'attach', plan: hearing.id } : { to: 'evidence' };
  if (change === 'rolled-back' && !earlier) {
    // What was being deployed is gone: its plan has to know. Without one, the rollback is a plan of its own.
    const plan = told ?? hearing?.id;
    if (plan !== undefined) return { to: 'attach', plan };
  }
  const { template } = place;
  if (template !== undefined) return { to: 'open', place: { ...place, template } };
  // A plan that was recorded before is carried out, whatever its service names by now.
  if (earlier) return { to: 'earlier', plan: earlier };
  const what = change === 'deployed' ? 'a deployment' : 'a rollback';
  return { to: 'gap', gap: `service ${place.service} names no plan for ${what}` };
}

/** What one fact came to. */
export type Outcome = { record: Reference } | { gap: string } | { skipped: string } | { evidence: string };

/** Decisions that are outcomes by themselves. */
export const leadsNowhere = <Plan>(
  decision: Decision<Plan>,
): decision is Extract<Decision<Plan>, { to: 'gap' | 'skipped' }> => decision.to === 'gap' || decision.to === 'skipped';

export const evidenceOf = (change: DeploymentChange): Outcome => ({ evidence: `${change}: kept as evidence` });

/** What the facts of one body came to, all together. */
export const judge = (outcomes: readonly Outcome[]): Pick<Foreseen, 'state' | 'verdict'> => {
  const records = [...new Set(outcomes.flatMap((outcome) => ('record' in outcome ? [outcome.record] : [])))];
  const gaps = outcomes.flatMap((outcome) => ('gap' in outcome ? [outcome.gap] : []));
  const evidence = outcomes.flatMap((outcome) => ('evidence' in outcome ? [outcome.evidence] : []));
  const skipped = outcomes.flatMap((outcome) => ('skipped' in outcome ? [outcome.skipped] : []));
  const reason = [...new Set([...gaps, ...skipped, ...evidence])].join('; ');
  const verdict: Verdict = {
    ...(records.length > 0 ? { records } : {}),
    ...(reason === '' ? {} : { reason: keepable(reason, 1000) }),
  };
  if (gaps.length > 0) return { state: 'gap', verdict };
  const isSkipped = outcomes.length > 0 && skipped.length === outcomes.length;
  return { state: isSkipped ? 'skipped' : 'delivered', verdict };
};
