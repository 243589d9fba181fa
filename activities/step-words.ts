import { fill } from '../domain/catalogue/placeholder.ts';
import { DomainError } from '../domain/errors.ts';
import { groupsOf, type SingleStep, type Step, type Undo } from '../domain/runbook.ts';
import { type Circumstances, placeholderValues } from '../domain/circumstances.ts';

/** What each step of a runbook does there, and how it is undone, for whoever decides on it. */
export const stepLines = (steps: readonly Step[], circumstances: Circumstances, activity: string): string[] =>
  groupsOf(steps)
    .flat()
    .map((step) => {
      const values = placeholderValues(circumstances, { activity, step: step.name });
      const undone = step.undo ? `; undone by ${wordsOf(step.undo, values)}` : '';
      return `- ${step.name}: ${wordsOf(step, values)}${undone}`;
    });

const wordsOf = (step: SingleStep | Undo, values: Readonly<Record<string, string>>): string => {
  const filled = (text: string): string => filledOr(text, values);
  switch (step.kind) {
    case 'http':
      return `${step.method} ${filled(step.url)}`;
    case 'command':
      return ['runs', step.program, ...step.arguments.map(filled)].join(' ');
    case 'task':
      return `${assigneeIn(step.assignee)} does: ${filled(step.title)}`;
    case 'check':
      return `waits up to ${step.within} for good evidence (${step.evidence.kind})`;
    case 'wait':
      return `waits ${step.for}`;
    case 'approval':
      return `asks by ${step.policy}: ${filled(step.question)}`;
  }
};

export const assigneeIn = (assignee: { person: string } | { team: string }): string =>
  'person' in assignee ? assignee.person : `team ${assignee.team}`;

/** A value that is not there is said by the readiness; here the text stands as it was written. */
const filledOr = (text: string, values: Readonly<Record<string, string>>): string => {
  try {
    return fill(text, values);
  } catch (error) {
    if (error instanceof DomainError) return text;
    throw error;
  }
};
