import { evenkeel } from '../actor.rules.ts';
import { canonical, sha256 } from '../digest.ts';
import { problemReference, problemWorkflowIdOf } from '../identifiers.ts';
import type { Arrival } from '../inbox.ts';
import type { ProblemFinding } from '../insight/finding.ts';

const source = 'evenkeel/patterns';

/** A finding on its way to the problem that it opens, or that is open for it; once for each rule and each incident that it was found with. */
export const findingArrival = (finding: ProblemFinding, found: string): Arrival => {
  const body = Buffer.from(canonical(finding));
  return {
    kind: 'fact',
    source,
    dedupKey: `${finding.pattern}/${finding.rule}/${found}`,
    name: 'pattern.found',
    ...(finding.privateTo === undefined ? { team: finding.team } : {}),
    actor: evenkeel,
    body,
    bodyHash: sha256(body),
    content: { family: 'pattern', facts: [finding] },
  };
};

/** An incident on its way to a problem that is open for it, once for ever: whoever unlinks it has the last word. */
export const linkArrival = (problem: { number: number; team: string }, incident: number, reason: string): Arrival => {
  const ask = { type: 'link', incident, reason } as const;
  const body = Buffer.from(canonical(ask));
  return {
    kind: 'command',
    source,
    dedupKey: `problem/${problem.number}/incident/${incident}`,
    name: 'linkIncidentToProblem',
    target: problemWorkflowIdOf(problem.number),
    belongsTo: problemReference(problem.number),
    team: problem.team,
    actor: evenkeel,
    body,
    bodyHash: sha256(body),
    content: { ask },
  };
};
