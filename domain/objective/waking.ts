import type { PlanId } from '../id.ts';
import { planReference } from '../identifiers.ts';
import { type Arrival, signalOf } from '../inbox.ts';
import type { BudgetHold } from './hold.ts';

interface OpenPlan {
  id: PlanId;
  workflowId: string;
  team: string;
}

/** Names of the signals by which plans look again. */
const names = ['readinessChanged', 'holdLifted'] as const;

/** What open plans are told once a hold has turned, so that they look again at once; each once for what happened to the hold. */
export const wakingSignals = (
  { id: hold }: Pick<BudgetHold, 'id'>,
  happened: string,
  plans: readonly OpenPlan[],
): Arrival[] =>
  plans.flatMap(({ id, workflowId: target, team }) =>
    names.map((name) =>
      signalOf({
        source: 'objective',
        dedupKey: `budget-hold/${hold}/${happened}/${name}/${target}`,
        name,
        target,
        belongsTo: planReference(id),
        team,
      }),
    ),
  );
