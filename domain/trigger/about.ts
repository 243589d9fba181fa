import type { Trigger } from '../trigger.ts';

/** What a plan is about, in a few words beside its service and environment. */
export const aboutOf = (trigger: Trigger): string => {
  switch (trigger.type) {
    case 'deployment':
    case 'rollback':
      return trigger.artifact;
    case 'transition':
      return trigger.kind === 'hand-over' ? `hand-over from ${trigger.from} to ${trigger.to}` : trigger.kind;
    case 'supplier':
      return trigger.access
        ? `access of ${trigger.access.who} to ${trigger.access.scope}, from ${trigger.supplier}`
        : `${trigger.kind} of ${trigger.supplier}`;
    case 'routine':
      return `routine ${trigger.routine}, due at ${trigger.dueAt}`;
    case 'request':
      return trigger.gate
        ? `run ${trigger.gate.run} of ${trigger.gate.repository} waits for ${trigger.gate.environment}`
        : `requested by ${trigger.requester}`;
  }
};
