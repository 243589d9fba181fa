import { gapActivityOf } from '../../domain/operation-plan/record.rules.ts';
import { scheduleOf } from '../../domain/operation-plan/graph.rules.ts';
import type { PlanContent, PlannedActivity } from '../../domain/operation-plan/content.ts';
import { type PlanTemplateSpec, type TemplateActivity, undoMsOf, workMsOf } from '../../domain/plan-template.ts';
import { isUnknownTrigger } from '../../domain/login.rules.ts';
import { ownedBy } from '../../domain/owner.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import type { ReadinessReview } from '../../domain/readiness.ts';
import { gapsOf } from '../../domain/readiness.rules.ts';
import { evaluateRule } from '../../domain/rule.ts';
import { fill } from '../../domain/catalogue/placeholder.ts';
import type { HumanTask } from '../../domain/runbook.ts';
import { aboutOf } from '../../domain/trigger/about.ts';
import { documentAt, placeholderValues, ruleContext } from '../../domain/circumstances.ts';
import type { PlanCircumstances } from './circumstances.ts';

const gapMs = 15 * 60_000;

/** The plan in full: what the template asks for here and now, with an activity for each gap that can be closed. */
export async function planContentOf(
  circumstances: PlanCircumstances,
  {
    revision,
    dropped,
    review,
    budgetApprovals,
  }: Pick<PlanContent, 'revision' | 'dropped'> & {
    review: ReadinessReview;
    /** Approval policies that a spent error budget asks for. */
    budgetApprovals: readonly string[];
  },
  catalogue: CatalogueStore,
): Promise<PlanContent> {
  const { revision: catalogueRevision, template: name } = circumstances;
  const team = circumstances.team.name;
  const parties = { team, trigger: circumstances.trigger };
  const template = ownedBy(await documentAt(catalogue, 'PlanTemplate', name, catalogueRevision), parties);
  const isDropped = (activity: string): boolean => dropped.includes(activity);
  const wanted = wantedOf(template, circumstances).filter((activity) => !isDropped(activity.name));
  const runbookOf = async (runbook: string | undefined): Promise<PlannedActivity['runbook']> => {
    if (runbook === undefined) return undefined;
    const { steps } = await documentAt(catalogue, 'Runbook', runbook, catalogueRevision);
    return { name: runbook, steps: ownedBy(steps, parties) };
  };
  const gaps = await Promise.all(
    gapsOf(review.items)
      // What stands in the way is closed or waived; it is not left out by an edit.
      .filter(
        ({ check, severity, remediation }) =>
          remediation !== undefined && (severity === 'blocker' || !isDropped(gapActivityOf(check))),
      )
      .map(async ({ check, remediation }): Promise<PlannedActivity> => {
        const runbook = await runbookOf(remediation);
        return { ...plain, name: gapActivityOf(check), origin: 'gap', runbook, durationMs: gapMs };
      }),
  );
  // People approve what they read, so it says what is meant.
  const filled = (task: HumanTask, activity: string): HumanTask => {
    const values = placeholderValues(circumstances, { activity });
    return { ...task, title: fill(task.title, values), instructions: fill(task.instructions, values) };
  };
  const gapNames = gaps.map((gap) => gap.name);
  const work = await Promise.all(
    wanted.map(async (activity): Promise<PlannedActivity> => {
      const after = predecessorsOf(activity, template, wanted);
      return {
        ...plain,
        name: activity.name,
        // Whatever the template starts with waits until the gaps are closed.
        after: after.length === 0 ? gapNames : after,
        runbook: await runbookOf(activity.runbook),
        task: activity.task && filled(activity.task, activity.name),
        hypercare: activity.hypercare,
        undo: await runbookOf(activity.undo),
        durationMs: workMsOf(activity),
        undoMs: undoMsOf(activity),
        people: activity.people,
        environment: activity.environment,
      };
    }),
  );
  const activities = [...gaps, ...work];
  const { criticalPath, lengthMs } = scheduleOf(activities);
  return {
    plan: circumstances.plan,
    revision,
    service: circumstances.service.name,
    environment: circumstances.environment.name,
    team,
    about: aboutOf(circumstances.trigger),
    parameters: circumstances.parameters,
    template: name,
    catalogueRevision,
    activities,
    criticalPath,
    criticalPathMs: lengthMs,
    // At worst all is done and then undone, one after the other; a hypercare keeps no window open.
    needMs: scheduleOf(activities.map(inWindow)).lengthMs + activities.reduce((sum, { undoMs }) => sum + undoMs, 0),
    window: template.window,
    approval: withApprovals(await approvalOf(circumstances, template, review, catalogue), budgetApprovals),
    dropped,
  };
}

const inWindow = (activity: PlannedActivity): PlannedActivity =>
  activity.hypercare ? { ...activity, durationMs: 0 } : activity;

/** Activities that the template asks for here and now. */
export const wantedOf = ({ activities }: PlanTemplateSpec, circumstances: PlanCircumstances): TemplateActivity[] => {
  const context = ruleContext(circumstances);
  return activities.filter(({ when }) => when === undefined || evaluateRule(when, context));
};

const plain = { origin: 'template' as const, after: [], undoMs: 0, people: [], environment: 'none' as const };

/** What an activity really waits for: an activity that is left out hands on what it waited for itself. */
const predecessorsOf = (
  activity: TemplateActivity,
  template: PlanTemplateSpec,
  wanted: readonly TemplateActivity[],
): string[] => [
  ...new Set(
    activity.after.flatMap((name): string[] => {
      if (wanted.some((candidate) => candidate.name === name)) return [name];
      const left = template.activities.find((candidate) => candidate.name === name);
      return left ? predecessorsOf(left, template, wanted) : [];
    }),
  ),
];

/** What a spent budget asks for comes after what is asked anyway. */
const withApprovals = (approval: PlanContent['approval'], asked: readonly string[]): PlanContent['approval'] => {
  const [policy, ...also] = [...new Set([...('policy' in approval ? [approval.policy] : []), ...asked])];
  if (policy === undefined) return approval;
  return also.length === 0 ? { policy } : { policy, also };
};

/** Policies that the content of a plan asks for, in order. */
export const policiesIn = (approval: PlanContent['approval']): string[] =>
  'policy' in approval ? [approval.policy, ...(approval.also ?? [])] : [];

/** Which approval the plan needs: a rule of the policy may say that this time it is none. */
export const approvalOf = async (
  circumstances: PlanCircumstances,
  { approvalPolicy }: PlanTemplateSpec,
  { verdict, conditions }: ReadinessReview,
  catalogue: CatalogueStore,
): Promise<PlanContent['approval']> => {
  if (approvalPolicy === undefined) return { notNeeded: 'the template names no approval policy' };
  const policy = await documentAt(catalogue, 'ApprovalPolicy', approvalPolicy, circumstances.revision);
  const { notNeededWhen: rule, unknownTriggerNeedsTwo } = policy;
  // Where two have to look, no rule says that nobody has to.
  if (unknownTriggerNeedsTwo && isUnknownTrigger(circumstances.trigger.triggeredBy ?? []))
    return { policy: approvalPolicy };
  const isStandard = rule !== undefined && evaluateRule(rule, { ...ruleContext(circumstances), verdict, conditions });
  return isStandard ? { notNeeded: `${approvalPolicy}: ${rule}` } : { policy: approvalPolicy };
};
