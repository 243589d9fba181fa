import { DomainError } from '../errors.ts';
import type { Problem, ProblemIn, ProblemTiming } from '../problem.ts';
import type { ProblemCommand } from './ask.ts';
import { claimNumbered, refuseUnexplained } from './claim.rules.ts';
import { fitting, isOpen, notNow } from './record.rules.ts';

/** What people ask of a problem: each is carried out, or refused with the reason. */
type Transition<Type extends ProblemCommand['type']> = (problem: Problem, ask: ProblemCommand<Type>) => Problem;

const most = { claims: 500, actions: 100, incidents: 2_000, evidence: 50 };

/** Says how much it does to users, and how soon; the severity policy of its team has the priority of each. */
export const assess = (
  problem: Problem,
  { impact, urgency }: ProblemCommand<'assess'>,
  { priorities }: ProblemTiming,
): Problem => {
  refuseClosed(problem);
  const assessed = { ...problem, impact, urgency, priority: priorities[impact - 1]![urgency - 1]! };
  if (assessed.status !== 'new') return assessed;
  const { owner } = assessed;
  return owner === undefined ? { ...assessed, status: 'assessed' } : { ...assessed, owner, status: 'investigating' };
};

/** Names who answers for it. Once it is assessed they investigate. */
export const assign: Transition<'assign'> = (problem, { to }) => {
  refuseClosed(problem);
  if (problem.owner === to) throw notNow(problem, `${to} answers for it already`);
  const assigned = { ...problem, owner: to };
  return assigned.status === 'assessed' ? { ...assigned, status: 'investigating' } : assigned;
};

/** An incident is one of these. After a fix, one with the same cause shows that the fix has not helped. */
export const link: Transition<'link'> = (problem, { incident, isSameCause, by, at }) => {
  refuseClosed(problem);
  const known = problem.incidents.find(({ number }) => number === incident);
  if (known && (isSameCause !== true || known.isSameCause === true))
    throw notNow(problem, `incident ${incident} is linked to it already`);
  if (isSameCause === true && problem.status !== 'verifying')
    throw notNow(problem, 'only after its fix does an incident show that the fix has not helped');
  if (!known && problem.incidents.length >= most.incidents)
    throw notNow(problem, `it has ${most.incidents} incidents: that is enough to know`);
  const linked = { number: incident, by: by.name, at, ...(isSameCause === undefined ? {} : { isSameCause }) };
  const incidents = known
    ? problem.incidents.map((each) => (each === known ? linked : each))
    : [...problem.incidents, linked];
  return fitting({ ...problem, incidents });
};

export const unlink: Transition<'unlink'> = (problem, { incident }) => {
  refuseClosed(problem);
  if (!problem.incidents.some(({ number }) => number === incident))
    throw notNow(problem, `incident ${incident} is not linked to it`);
  return { ...problem, incidents: problem.incidents.filter(({ number }) => number !== incident) };
};

/** Says something of the problem that can be shown to hold, or not. */
export const claim: Transition<'claim'> = (problem, ask) => {
  refuseClosed(problem);
  const { kind, text, explains, happenedAt, evidence, confidence, by, at } = ask;
  if (problem.claims.length >= most.claims) throw notNow(problem, `it has ${most.claims} claims already`);
  if (kind === 'event' && happenedAt === undefined)
    throw new DomainError('invalid', 'say when it happened', 'happenedAt');
  if (explains !== undefined && kind !== 'why')
    throw new DomainError('invalid', 'only a claim of kind why explains another one', 'explains');
  const explained = explains === undefined ? undefined : claimNumbered(problem.claims, explains, 'explains');
  if (explained && explained.kind !== 'why')
    throw new DomainError('invalid', `claim ${explains} is no cause that can be explained`, 'explains');
  const claimed = {
    number: problem.claims.length + 1,
    kind,
    text,
    ...(explains === undefined ? {} : { explains }),
    ...(happenedAt === undefined ? {} : { happenedAt: new Date(happenedAt).toISOString() }),
    evidence: evidence.map((each) => ({ ...each, by: by.name, at })),
    confidence,
    status: 'open' as const,
    by: by.name,
    at,
  };
  return fitting({ ...problem, claims: [...problem.claims, claimed] });
};

/** Says whether a claim holds, and what shows it. */
export const judgeClaim: Transition<'judge-claim'> = (problem, ask) => {
  refuseClosed(problem);
  const { claim: number, status, confidence, evidence, by, at } = ask;
  const known = claimNumbered(problem.claims, number, 'claim');
  const added = evidence.map((each) => ({ ...each, by: by.name, at }));
  if (known.evidence.length + added.length > most.evidence)
    throw notNow(problem, `claim ${number} has at most ${most.evidence} pieces of evidence`);
  if (status === 'supported' && known.evidence.length + added.length === 0)
    throw new DomainError('invalid', `say what shows that claim ${number} holds`, 'evidence');
  const judged = {
    ...known,
    status,
    confidence: confidence ?? known.confidence,
    evidence: [...known.evidence, ...added],
  };
  return fitting({ ...problem, claims: problem.claims.map((each) => (each === known ? judged : each)) });
};

/** What is known of its cause, and what helps meanwhile, is published for whoever meets it next. */
export const publishKnownError: Transition<'publish-known-error'> = (problem, { document, by, at }) => {
  refuseUninvestigated(problem);
  refuseUnexplained(problem.claims);
  const version = (problem.knownError?.version ?? 0) + 1;
  const knownError = { ...document, version, publishedBy: by.name, publishedAt: at };
  return problem.status === 'investigating'
    ? { ...problem, knownError, status: 'known-error' }
    : { ...problem, knownError };
};

/** Plans what is to be done about it, which its cause decides. */
export const addAction: Transition<'add-action'> = (problem, { action, by }) => {
  refuseUninvestigated(problem);
  if (problem.status === 'verifying') throw notNow(problem, 'its fix is looked at: say first that it has not helped');
  refuseUnexplained(problem.claims);
  if (problem.actions.length >= most.actions) throw notNow(problem, `it has ${most.actions} actions already`);
  const added = {
    ...action,
    number: problem.actions.length + 1,
    status: 'open' as const,
    addedBy: by.name,
    chased: 0,
  };
  const planned = fitting({ ...problem, actions: [...problem.actions, added] });
  return planned.status === 'investigating' || planned.status === 'known-error'
    ? { ...planned, status: 'fix-planned' }
    : planned;
};

export const startAction: Transition<'start-action'> = (problem, { action: number, plan }) => {
  refuseNotFixing(problem);
  const known = actionOf(problem, number);
  if (known.status !== 'open') throw notNow(problem, `action ${number} is ${known.status}`);
  const begun = { ...known, status: 'in-progress' as const, ...(plan === undefined ? {} : { plan }) };
  return { ...withAction(problem, begun), status: 'fix-in-progress' };
};

/** The last one that is done begins the wait for numbers that show it. */
export const completeAction: Transition<'complete-action'> = (problem, { action: number, note, at }) => {
  refuseNotFixing(problem);
  const known = actionOf(problem, number);
  if (known.status !== 'open' && known.status !== 'in-progress')
    throw notNow(problem, `action ${number} is ${known.status}`);
  return verifyingIfDone(withAction(problem, { ...known, status: 'done', note, doneAt: at }), at);
};

/** It is not done after all. */
export const dropAction: Transition<'drop-action'> = (problem, { action: number, reason, at }) => {
  refuseNotFixing(problem);
  const known = actionOf(problem, number);
  if (known.status !== 'open' && known.status !== 'in-progress')
    throw notNow(problem, `action ${number} is ${known.status}`);
  return verifyingIfDone(withAction(problem, { ...known, status: 'dropped', note: reason }), at);
};

/** Asks to live with it until a date. Somebody else has to agree. */
export const acceptRisk: Transition<'accept-risk'> = (problem, { command, until, reason, by, at }) => {
  refuseClosed(problem);
  if (problem.risk?.status === 'asked') throw notNow(problem, 'somebody has asked for that already');
  const expiresAt = new Date(until).toISOString();
  if (expiresAt <= at) throw new DomainError('invalid', 'expected an instant to come', 'until');
  if (Date.parse(expiresAt) > Date.parse(at) + longestRiskMs)
    throw new DomainError('invalid', 'a risk is accepted for a year at most, and then looked at again', 'until');
  const attempt = (problem.risk?.attempt ?? 0) + 1;
  const risk = { command, attempt, askedBy: by.name, reason, until: expiresAt, status: 'asked' as const, chased: 0 };
  return { ...problem, risk };
};

/** It is the same as another one, or nobody can make it happen. That it is fixed, only the numbers show. */
export const close: Transition<'close'> = (problem, { resolution, duplicateOf, reason, at }) => {
  refuseClosed(problem);
  if ((resolution === 'duplicate') !== (duplicateOf !== undefined))
    throw new DomainError('invalid', 'a duplicate names the problem that it is the same as', 'duplicateOf');
  if (resolution === 'cannot-reproduce' && problem.status === 'verifying')
    throw notNow(problem, 'its fix is being verified: the numbers say whether it is gone');
  if (duplicateOf === problem.number)
    throw new DomainError('invalid', 'a problem is no duplicate of itself', 'duplicateOf');
  return closed(problem, { resolution, outcome: reason, at, ...(duplicateOf === undefined ? {} : { duplicateOf }) });
};

/** The ledger keeps its words. */
export const note: Transition<'note'> = (problem) => problem;

/** It is closed; nobody waits for an answer about its risk any more. */
export const closed = (
  problem: Problem,
  { at, ...end }: Pick<ProblemIn<'closed'>, 'resolution' | 'outcome' | 'duplicateOf'> & { at: string },
): ProblemIn<'closed'> => {
  const { risk, ...rest } = problem;
  const isAsked = risk?.status === 'asked';
  return {
    ...rest,
    ...(risk && !isAsked ? { risk } : {}),
    status: 'closed',
    endedAt: at,
    ...end,
  };
};

const longestRiskMs = 366 * 86_400_000;

const refuseClosed = (problem: Problem): void => {
  if (!isOpen(problem)) throw notNow(problem, 'open another one that follows it');
};

const refuseUninvestigated = (problem: Problem): void => {
  refuseClosed(problem);
  if (problem.status === 'new' || problem.status === 'assessed')
    throw notNow(problem, 'assess it, and assign it to whoever investigates');
};

function refuseNotFixing(problem: Problem): asserts problem is Fixing {
  if (problem.status !== 'fix-planned' && problem.status !== 'fix-in-progress')
    throw notNow(problem, 'no fix of it is under way');
}

type Action = Problem['actions'][number];

const actionOf = (problem: Problem, number: number): Action => {
  const action = problem.actions.find((each) => each.number === number);
  if (!action) throw new DomainError('not-found', `problem ${problem.number} has no action ${number}`, 'action');
  return action;
};

type Fixing = ProblemIn<'fix-planned' | 'fix-in-progress'>;

const withAction = (problem: Fixing, action: Action): Fixing => ({
  ...problem,
  actions: problem.actions.map((each) => (each.number === action.number ? action : each)),
});

/** Something was done and nothing is left to do: from now on it is counted. Nothing left and nothing done is no fix. */
const verifyingIfDone = (problem: Fixing, at: string): Problem => {
  const isOpenAction = problem.actions.some(({ status }) => status === 'open' || status === 'in-progress');
  if (isOpenAction) return { ...problem, status: 'fix-in-progress' };
  if (problem.actions.some(({ status }) => status === 'done'))
    return { ...problem, status: 'verifying', verification: { since: at } };
  const { knownError } = problem;
  return knownError ? { ...problem, knownError, status: 'known-error' } : { ...problem, status: 'investigating' };
};
