import { DomainError } from './errors.ts';
import type { PlanTemplateSpec } from './plan-template.ts';
import type {
  ReadinessCheck,
  ReadinessChecklistSpec,
  ReadinessItem,
  ReadinessReview,
  ReadinessVerdict,
  Waiver,
} from './readiness.ts';
import type { Level } from './service.ts';
import { levelsUpTo } from './service.rules.ts';

type Judged = Pick<ReadinessItem, 'check' | 'title' | 'severity' | 'result'>;

const isMet = ({ result }: Judged): boolean => result === 'pass' || result === 'not-applicable';

/** What one item means for the verdict: the cell of the table result by severity. */
const verdictOfItem = (item: Judged): ReadinessVerdict => {
  if (isMet(item)) return 'ready';
  switch (item.severity) {
    case 'blocker':
      return item.result === 'waived' ? 'ready-with-conditions' : 'not-ready';
    case 'major':
      return item.result === 'waived' ? 'ready' : 'ready-with-conditions';
    case 'minor':
      return 'ready';
  }
};

/** The worst cell decides. */
export const verdictOf = (items: readonly Judged[]): ReadinessVerdict => {
  const verdicts = items.map(verdictOfItem);
  if (verdicts.includes('not-ready')) return 'not-ready';
  return verdicts.includes('ready-with-conditions') ? 'ready-with-conditions' : 'ready';
};

/** Items with which a plan may go on, and that it has to carry. */
export const carriedOf = <I extends Judged>(items: readonly I[]): I[] =>
  items.filter((item) => verdictOfItem(item) === 'ready-with-conditions');

/** What a plan that may go on still has to carry: one sentence for each item that is a condition. */
export const conditionsOf = (items: readonly Judged[]): string[] =>
  carriedOf(items).map(({ check, title, result }) => `${check} ${title}: ${result}`);

/** Items that stand in the way, each with what would close it. */
export const blockersOf = <I extends Judged>(items: readonly I[]): I[] =>
  items.filter((item) => verdictOfItem(item) === 'not-ready');

/** Checks that are not met and not waived. */
export const gapsOf = <I extends Judged>(items: readonly I[]): I[] =>
  items.filter((item) => !isMet(item) && item.result !== 'waived');

/** The highest level whose checks, with those of all lower levels, pass. A waiver does not count. */
export const levelReached = (items: readonly (Judged & { level: Level })[]): Level | null => {
  const fails = (level: Level): boolean => items.some((item) => item.level === level && !isMet(item));
  if (fails('C')) return null;
  if (fails('B')) return 'C';
  return fails('A') ? 'B' : 'A';
};

/** A plan may be made when it is ready, or when an activity of the plan will close each blocking gap. */
export const mayBePlanned = ({ items }: Pick<ReadinessReview, 'items'>): boolean =>
  blockersOf(items).every(({ remediation }) => remediation !== undefined);

/** Checklists that a service of this level answers: its own level's first, then those of all lower levels. */
export const checklistsFor = (checklists: PlanTemplateSpec['checklists'], level: Level): string[] => [
  ...new Set(levelsUpTo(level).flatMap((required) => checklists[required] ?? [])),
];

/** Checks that the level requires. Where lists write a check differently, the first list counts. */
export const checksFor = (checklists: readonly ReadinessChecklistSpec[], level: Level): ReadinessCheck[] => {
  const required = levelsUpTo(level);
  const checks = checklists.flatMap((checklist) => checklist.checks);
  return checks.filter(
    (check, at) => required.includes(check.level) && checks.findIndex(({ id }) => id === check.id) === at,
  );
};

/** The waiver as it is granted at an instant. Refuses whoever asked for it, and one that is granted or has expired. */
export const grant = (waiver: Waiver, by: string, at: string): Waiver => {
  if (waiver.requestedBy === by) throw new DomainError('not-allowed', 'whoever requests a waiver cannot grant it');
  if (waiver.approvedBy !== undefined)
    throw new DomainError('conflict', `the waiver was granted by ${waiver.approvedBy}`);
  refuseIfWithdrawn(waiver);
  if (Date.parse(waiver.expiresAt) <= Date.parse(at)) throw new DomainError('conflict', 'the waiver has expired');
  return { ...waiver, approvedBy: by };
};

/** Takes a waiver, or the wish for one, back. Refuses one that is withdrawn already. */
export const withdrawWaiver = (waiver: Waiver, by: string): Waiver => {
  refuseIfWithdrawn(waiver);
  return { ...waiver, withdrawnBy: by };
};

const refuseIfWithdrawn = ({ withdrawnBy }: Waiver): void => {
  if (withdrawnBy !== undefined) throw new DomainError('conflict', `the waiver was withdrawn by ${withdrawnBy}`);
};

/** Whether a waiver counts at an instant, in milliseconds. */
export const counts = ({ approvedBy, expiresAt, withdrawnBy }: Waiver, at: number): boolean =>
  approvedBy !== undefined && withdrawnBy === undefined && Date.parse(expiresAt) > at;

/** Whether a waiver waits for somebody to grant it at an instant, in milliseconds. */
export const isAsked = ({ approvedBy, expiresAt, withdrawnBy }: Waiver, at: number): boolean =>
  approvedBy === undefined && withdrawnBy === undefined && Date.parse(expiresAt) > at;
