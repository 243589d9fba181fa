import { assigneeText } from './assignee.rules.ts';
import type { SingleStep, Undo } from './runbook.ts';

/** What a step does, for whoever decides on it; `filled` puts the values of its place into its texts. */
export const stepWords = (step: SingleStep | Undo, filled: (text: string) => string = (text) => text): string => {
  switch (step.kind) {
    case 'http':
      return `${step.method} ${filled(step.url)}`;
    case 'command':
      return ['runs', step.program, ...step.arguments.map(filled)].join(' ');
    case 'task':
      return `${assigneeText(step.assignee)} does: ${filled(step.title)}`;
    case 'check':
      return `waits up to ${step.within} for good evidence (${step.evidence.kind})`;
    case 'wait':
      return `waits ${step.for}`;
    case 'approval':
      return `asks by ${step.policy}: ${filled(step.question)}`;
  }
};
