import { heartbeat } from '@temporalio/activity';
import type { PlanId } from '../../domain/id.ts';
import { digestOf } from '../../domain/digest.ts';
import { milliseconds } from '../../domain/duration.ts';
import type { Finding } from '../../domain/evidence.ts';
import type { PlanTemplateSpec } from '../../domain/plan-template.ts';
import type { ReadinessCheck, ReadinessItem, ReadinessReview, Waiver } from '../../domain/readiness.ts';
import {
  blockersOf,
  checklistsFor,
  checksFor,
  carriedOf,
  conditionsOf,
  levelReached,
  mayBePlanned,
  verdictOf,
  counts,
  isAsked,
} from '../../domain/readiness.rules.ts';
import { evaluateRule } from '../../domain/rule.ts';
import { planWorkflowIdOf, reviewIdOf } from '../../domain/identifiers.ts';
import { keepable } from '../../domain/text.ts';
import { onlyItself } from '../authorization.ts';
import { type Circumstances, documentAt, ruleContext } from '../../domain/circumstances.ts';
import { planCircumstances } from './circumstances.ts';
import type { ActivityPorts } from '../ports.ts';
import { lookAt } from '../probes/index.ts';
import { unlessRefused } from '../refusal.ts';
import { lookAtBudget } from './budget.ts';
import { findResources, resourceCheck } from './resources.ts';

export interface Assessment extends Pick<ReadinessReview, 'verdict' | 'conditions'> {
  review: string;
  /** When it was looked, in milliseconds: the same again for a workflow that was taken back. */
  at: number;
  blockers: string[];
  mayBePlanned: boolean;
  /** When a waiver or a statement that counts now stops counting, in milliseconds; absent: none does. */
  validUntil?: number | undefined;
  /** Waivers of blockers that wait for somebody to grant them. */
  waiversAsked?: string[] | undefined;
}

type Ports = Pick<
  ActivityPorts,
  'catalogue' | 'plans' | 'readiness' | 'objectives' | 'egress' | 'secrets' | 'programsFolder'
>;

/** How many looks are under way at once: a checklist may have hundreds. */
const looksAtOnce = 8;

export const createAssessmentActivities = (ports: Ports) => ({
  /**
   * Looks at every check that applies to the plan's service and keeps the signed review. `rev` names the review, so a
   * second attempt keeps the first. `at` is the plan's own clock, in milliseconds.
   */
  async assessReadiness({ plan, rev, ...asked }: { plan: PlanId; rev: number; at: number }): Promise<Assessment> {
    onlyItself(planWorkflowIdOf(plan));
    // What has expired by now does not count because somebody asks about yesterday.
    const at = Math.max(asked.at, Date.now());
    const circumstances = await planCircumstances(ports, plan);
    const template = await documentAt(ports.catalogue, 'PlanTemplate', circumstances.template, circumstances.revision);
    const { name, checks } = await checklistFor(template, circumstances, ports);
    const waivers = await ports.readiness.waivers(circumstances.service.name, circumstances.environment.name);
    const items: ReadinessItem[] = [];
    for (let first = 0; first < checks.length; first += looksAtOnce) {
      const group = checks.slice(first, first + looksAtOnce);
      heartbeat();
      items.push(...(await Promise.all(group.map((check) => itemOf(check, circumstances, waivers, at, ports)))));
    }
    const resources = await findResources(circumstances, template, checks, ports);
    if (resources) items.push(judged(resourceCheck, { ...resources, at: new Date(at).toISOString() }, waivers, at));
    const budget = await lookAtBudget(ports, circumstances, at);
    if (budget) items.push(judged(budget.check, { ...budget.finding, at: new Date(at).toISOString() }, waivers, at));
    const made: ReadinessReview = {
      checklist: name,
      checklistRevision: circumstances.revision,
      level: circumstances.level,
      levelReached: levelReached(items),
      items,
      verdict: verdictOf(items),
      conditions: conditionsOf(items),
      signature: { by: 'evenkeel', at: new Date(at).toISOString(), evidenceDigest: digestOf(items) },
    };
    const id = reviewIdOf(plan, rev);
    await ports.readiness.saveReview(id, plan, made);
    const review = (await ports.readiness.review(id)) ?? made;
    return {
      review: id,
      at: Date.parse(review.signature.at),
      verdict: review.verdict,
      blockers: blockersOf(review.items).map(({ check, title, finding }) =>
        keepable(`${check} ${title}: ${finding.detail}`, 500),
      ),
      conditions: carriedOf(review.items).map(({ check, title, result, finding }) =>
        keepable(`${check} ${title}: ${result}, ${finding.detail}`, 500),
      ),
      mayBePlanned: mayBePlanned(review),
      validUntil: validUntilOf(review),
      waiversAsked: waiversAskedFor(review, waivers, at),
    };
  },
});

const checklistFor = async (
  template: PlanTemplateSpec,
  { level, revision }: Circumstances,
  { catalogue }: Ports,
): Promise<{ name: string; checks: ReadinessCheck[] }> => {
  const names = checklistsFor(template.checklists, level);
  // One that is not there is refused: nothing to look at would read like all is well.
  const checklists = await Promise.all(
    names.map((name) => documentAt(catalogue, 'ReadinessChecklist', name, revision)),
  );
  return { name: names.join(', ') || 'none', checks: checksFor(checklists, level) };
};

const itemOf = async (
  check: ReadinessCheck,
  circumstances: Circumstances,
  waivers: readonly Waiver[],
  at: number,
  ports: Ports,
): Promise<ReadinessItem> => {
  const exempt = await exemptionOf(check, circumstances);
  if (exempt) {
    const { result, detail } = exempt;
    const looked = result === 'unknown' ? result : 'pass';
    return { ...named(check), result, finding: { result: looked, detail, at: new Date(at).toISOString() } };
  }
  const finding = await lookAt(check.evidence, { circumstances, check, at }, ports);
  return judged(check, fresh(finding, check, at), waivers, at);
};

type Named = Pick<ReadinessCheck, 'id' | 'title' | 'level' | 'severity' | 'remediation'>;

const named = ({ id, title, level, severity, remediation }: Named) => ({
  check: id,
  title,
  level,
  severity,
  ...(remediation === undefined ? {} : { remediation }),
});

/** What was found, unless somebody has waived the check for now. */
const judged = (check: Named, finding: Finding, waivers: readonly Waiver[], at: number): ReadinessItem => {
  const item = named(check);
  if (finding.result === 'pass') return { ...item, result: 'pass', finding };
  const waiver = waivers.find((given) => given.check === check.id && counts(given, at));
  if (!waiver) return { ...item, result: finding.result, finding };
  const { reason, approvedBy, expiresAt } = waiver;
  return { ...item, result: 'waived', finding, waiver: { reason, approvedBy: approvedBy!, expiresAt } };
};

/** What a person stated counts as long as the check says, even if the statement itself would count longer. */
const fresh = (finding: Finding, { evidence, freshness }: ReadinessCheck, at: number): Finding => {
  if (evidence.kind !== 'attestation' || freshness === undefined || finding.result !== 'pass') return finding;
  const expires = Date.parse(finding.expiresAt ?? '');
  return expires - at > milliseconds(freshness)
    ? { ...finding, expiresAt: new Date(at + milliseconds(freshness)).toISOString() }
    : finding;
};

const waiversAskedFor = ({ items }: ReadinessReview, waivers: readonly Waiver[], at: number): string[] | undefined => {
  const blockers = blockersOf(items).map(({ check }) => check);
  const asked = waivers.filter((waiver) => blockers.includes(waiver.check) && isAsked(waiver, at));
  return asked.length === 0 ? undefined : asked.map(({ id }) => id);
};

const validUntilOf = ({ items }: ReadinessReview): number | undefined => {
  const ends = items.flatMap(({ result, waiver, finding }) => {
    const end = result === 'waived' ? waiver?.expiresAt : result === 'pass' ? finding.expiresAt : undefined;
    return end === undefined ? [] : [Date.parse(end)];
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
};

/** Why the evidence is not looked at: the check does not apply, or nobody can say whether it does. */
const exemptionOf = ({ appliesIf }: ReadinessCheck, circumstances: Circumstances) =>
  unlessRefused(
    () =>
      appliesIf === undefined || evaluateRule(appliesIf, ruleContext(circumstances))
        ? undefined
        : { result: 'not-applicable' as const, detail: `does not apply: not so that ${appliesIf}` },
    (detail) => ({ result: 'unknown' as const, detail }),
  );
