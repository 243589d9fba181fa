import type { Finding } from '../../domain/evidence.ts';
import { adviceOf, approvalsAsked, blocking, isHeldUp } from '../../domain/objective/hold.rules.ts';
import type { BudgetHold } from '../../domain/objective/hold.ts';
import { budgetCheckId, type ReadinessCheck } from '../../domain/readiness.ts';
import { counts } from '../../domain/readiness.rules.ts';
import type { PlanCircumstances } from './circumstances.ts';
import type { ActivityPorts } from '../ports.ts';

/** The check that every plan for production makes while its service has a budget hold. */
const budgetCheck = (severity: ReadinessCheck['severity']) =>
  ({ id: budgetCheckId, title: 'The error budget allows changes', level: 'C', severity }) as const;

type BudgetCheck = ReturnType<typeof budgetCheck>;
type Ports = Pick<ActivityPorts, 'objectives'>;
type Concerned = Pick<PlanCircumstances, 'service' | 'environment' | 'trigger'>;

/** Holds of a plan's service; budgets are promises about production, so that they hold up nothing else. */
export const holdsOf = async ({ objectives }: Ports, { service, environment }: Concerned): Promise<BudgetHold[]> =>
  environment.production ? objectives.holdsOn(service.name) : [];

/** Approval policies that a plan has to ask because of its service's budget. `now` in milliseconds. */
export const budgetApprovalsOf = async (ports: Ports, plan: Concerned, now: number): Promise<string[]> =>
  approvalsAsked(await holdsOf(ports, plan), plan.trigger, new Date(now).toISOString());

/** What the budget has to say about a plan: undefined where there is no hold. `now` in milliseconds. */
export const lookAtBudget = async (
  ports: Ports,
  plan: Concerned,
  now: number,
): Promise<{ check: BudgetCheck; finding: Omit<Finding, 'at'> } | undefined> => {
  const holds = await holdsOf(ports, plan);
  const at = new Date(now).toISOString();
  if (holds.length === 0) return undefined;
  const inTheWay = blocking(holds, plan.trigger, at);
  const asked = approvalsAsked(holds, plan.trigger, at);
  // An override that ends lets the budget speak again.
  const ends = holds
    .flatMap(({ overridden }) => (overridden && overridden.until > at ? overridden.until : []))
    .toSorted();
  const expires = ends[0] === undefined ? {} : { expiresAt: ends[0] };
  if (inTheWay.length > 0)
    return { check: budgetCheck('blocker'), finding: { result: 'fail', detail: inTheWay.map(adviceOf).join('; ') } };
  if (asked.length > 0)
    return {
      check: budgetCheck('major'),
      finding: {
        result: 'fail',
        detail: `${holds.map(({ why }) => why).join('; ')}: ${asked.join(', ')} is asked as well`,
      },
    };
  const exception = 'exception' in plan.trigger ? plan.trigger.exception : undefined;
  const passes =
    exception === undefined ? 'what holds changes up was overridden or reviewed' : `passes as ${exception}`;
  const why = isHeldUp(plan.trigger) ? passes : 'it is no change that would be held up';
  return { check: budgetCheck('blocker'), finding: { result: 'pass', detail: why, ...expires } };
};

/** Why the work may not begin now, whatever was planned: a hold that nobody has waived. Undefined: it may. */
export const budgetHoldOf = async (
  ports: Ports & Pick<ActivityPorts, 'readiness'>,
  plan: Concerned,
  approvals: readonly string[],
  now: number,
): Promise<string | undefined> => {
  const holds = await holdsOf(ports, plan);
  if (holds.length === 0) return undefined;
  const waivers = await ports.readiness.waivers(plan.service.name, plan.environment.name);
  if (waivers.some((waiver) => waiver.check === budgetCheckId && counts(waiver, now))) return undefined;
  const at = new Date(now).toISOString();
  const [first] = blocking(holds, plan.trigger, at);
  if (first) return adviceOf(first);
  const missing = approvalsAsked(holds, plan.trigger, at).find((policy) => !approvals.includes(policy));
  return missing === undefined
    ? undefined
    : `the error budget asks for the approval of ${missing}, and the plan has none`;
};
