import type { Export } from './export.ts';
import {
  canonical,
  carried,
  digestOf,
  type Entry,
  held,
  keyed,
  missing,
  type Part,
  problem,
  saved,
  unbound,
} from './ledger.ts';

const ofPlan: Part = ({ plan }, ledger) => {
  const { entries } = ledger;
  const accepted = entries.find(({ action }) => action === 'plan.accepted');
  const opened = entries.find(({ action, subject }) => action === 'plan.opened' && subject === ledger.record);
  if (!plan) return opened ? missing([ledger.record], []) : unbound('not there yet');
  if (!accepted) return problem(`${plan.id}: the ledger does not say that it was accepted`);
  const { service, environment, template, catalogueRevision, parameters, trigger } = plan;
  if (opened && canonical([opened.detail?.['trigger']]) !== canonical([trigger]))
    return problem(`${plan.id}: what set it off, or who asked, is not as the ledger has it`);
  if (plan.endedAt !== undefined && !entries.some(({ action }) => action === `plan.${plan.status}`))
    return problem(`${plan.id}: the ledger does not say that it was ${plan.status}`);
  const stopped = wasCancelled(plan, entries);
  if (stopped !== undefined) return problem(`${plan.id}: it is completed, though ${stopped} had it cancelled`);
  const commission = { service, environment, template, catalogueRevision, parameters, trigger };
  return [
    ...held(`${plan.id}, as it was accepted`, commission, accepted),
    ...saved(`${plan.id} (${plan.status})`, plan, ledger),
  ];
};

/** Who had a completed plan cancelled, by a command that was not refused. */
const wasCancelled = (plan: NonNullable<Export['plan']>, entries: readonly Entry[]): string | undefined => {
  const cancelled = entries.find(
    ({ action, subject, detail }) =>
      action === 'command.accepted' &&
      detail?.['name'] === 'cancelPlan' &&
      detail['target'] === plan.workflowId &&
      !entries.some((entry) => entry.action === 'command.refused' && entry.subject === subject),
  );
  return plan.status === 'completed' ? cancelled?.actor.name : undefined;
};

const ofContent: Part = ({ plan, content }, { entries }) => {
  const made = entries.filter(({ action }) => action === 'plan.planned');
  if (!content) return missing(made.length > 0 ? [`revision ${plan?.revision ?? 0}`] : [], []);
  const { revision } = content.content;
  const item = `revision ${revision}`;
  const entry = made.findLast(({ detail }) => detail?.['revision'] === revision);
  if (!entry || revision !== plan?.revision) return problem(`${item}: the ledger does not know it`);
  const digests = [content.digest, digestOf(content.content)];
  if (digests.some((digest) => digest !== entry.detail?.['digest']))
    return problem(`${item}: it is not as the ledger has it`);
  return carried(item, entry);
};

const ofReadiness: Part = ({ plan, readiness }, ledger) => {
  const id = plan?.readiness?.review;
  if (id === undefined && !readiness) return [];
  if (id === undefined || !readiness) return problem(`${id ?? 'review'}: the plan and the file disagree`);
  const assessed = ledger.entries.findLast(
    ({ action, detail }) => action === 'plan.assessed' && detail?.['review'] === id,
  );
  if (!assessed || assessed.detail?.['verdict'] !== readiness.verdict)
    return problem(`${id}: the verdict is not as the ledger has it`);
  return held(id, readiness, keyed(ledger, `review/${id}`));
};

/** What the export of a plan has of its own. */
export const partsOfPlan: Record<string, Part> = { plan: ofPlan, content: ofContent, readiness: ofReadiness };
