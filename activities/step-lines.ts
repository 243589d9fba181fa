import { fill } from '../domain/catalogue/placeholder.ts';
import { DomainError } from '../domain/errors.ts';
import { groupsOf, type Step } from '../domain/runbook.ts';
import { stepWords } from '../domain/step-words.rules.ts';
import { type Circumstances, placeholderValues } from '../domain/circumstances.ts';

/** What each step of a runbook does there, and how it is undone, for whoever decides on it. */
export const stepLines = (steps: readonly Step[], circumstances: Circumstances, activity: string): string[] =>
  groupsOf(steps)
    .flat()
    .map((step) => {
      const values = placeholderValues(circumstances, { activity, step: step.name });
      const filled = (text: string): string => filledOr(text, values);
      const undone = step.undo ? `; undone by ${stepWords(step.undo, filled)}` : '';
      return `- ${step.name}: ${stepWords(step, filled)}${undone}`;
    });

/** A value that is not there is said by the readiness; here the text stands as it was written. */
const filledOr = (text: string, values: Readonly<Record<string, string>>): string => {
  try {
    return fill(text, values);
  } catch (error) {
    if (error instanceof DomainError) return text;
    throw error;
  }
};
