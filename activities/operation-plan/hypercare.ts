import type { PlanId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { planWorkflowIdOf } from '../../domain/identifiers.ts';
import { keepable } from '../../domain/text.ts';
import { onlyItself } from '../authorization.ts';
import type { ActivityPorts } from '../ports.ts';
import { lookAt } from '../probes/index.ts';
import { planCircumstances } from './circumstances.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans' | 'readiness' | 'egress' | 'secrets' | 'clock'>;

/** What looking at the exit criteria gave. */
export interface ExitLook {
  isMet: boolean;
  /** Each criterion with what was found, for people. */
  detail: string;
}

/** Looks at every exit criterion of a hypercare, as the plan's content has them. `at` in milliseconds. */
export const lookAtExit = async (
  ports: Ports,
  ask: { plan: PlanId; revision: number; activity: string; at: number },
): Promise<ExitLook> => {
  onlyItself(planWorkflowIdOf(ask.plan));
  const found = await ports.plans.content(ask.plan, ask.revision);
  const hypercare = found?.content.activities.find(({ name }) => name === ask.activity)?.hypercare;
  if (!hypercare) throw new DomainError('not-found', `the plan has no hypercare ${ask.activity}`);
  const circumstances = await planCircumstances(ports, ask.plan);
  const at = ports.clock(ask.at);
  const looks = await Promise.all(
    hypercare.exit.map(async ({ id, title, evidence }) => {
      const { result, detail } = await lookAt(evidence, { circumstances, check: { id }, at }, ports);
      return { isMet: result === 'pass', line: `${id} ${title}: ${result}, ${keepable(detail, 200)}` };
    }),
  );
  const met = looks.filter(({ isMet }) => isMet).length;
  const open = looks.flatMap(({ isMet, line }) => (isMet ? [] : [line]));
  return {
    isMet: met === looks.length,
    detail: keepable([`${met} of ${looks.length} exit criteria are met`, ...open].join('; '), 1000),
  };
};
