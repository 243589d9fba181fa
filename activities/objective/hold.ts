import { budgetHoldReference } from '../../domain/identifiers.ts';
import type { Message } from '../../domain/message.ts';
import type { BudgetHold } from '../../domain/objective/hold.ts';
import { wakingSignals } from '../../domain/objective/waking.ts';
import type { TurnedHold } from '../../domain/objective/ports.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'outbox' | 'plans' | 'commands'>;

/** Lets the open plans of a service look again, and notifies its team where the policy says so; each once. */
export const notifyOfHolds = async (
  ports: Ports,
  { service }: { service: string },
  turned: readonly TurnedHold[],
): Promise<void> => {
  for (const { hold, isOpened } of turned) {
    const happened = isOpened ? 'opened' : 'ended';
    const plans = await ports.plans.openOf(service);
    for (const signal of wakingSignals(hold, happened, plans)) await ports.commands.tell(signal);
    if (hold.actions.includes('notify')) await notifyTeam(ports, hold, `budget-hold/${hold.id}/${happened}`);
  }
};

const notifyTeam = async ({ catalogue, outbox }: Ports, hold: BudgetHold, why: string): Promise<void> => {
  const team = await catalogue.find('Team', hold.team);
  for (const { person } of team?.members ?? []) {
    const known = await catalogue.find('Person', person);
    if (known) await outbox.put(`${why}/${person}`, budgetHoldReference(hold.id), mailOf(hold, known.email));
  }
};

const mailOf = ({ id, service, objective, policy, why, actions, endedAt }: BudgetHold, to: string): Message => ({
  kind: 'email',
  to,
  subject:
    `${endedAt === undefined ? 'Error budget spent' : 'Error budget recovered'}: ${service} (${objective})`.slice(
      0,
      200,
    ),
  text: [
    endedAt === undefined ? `${why}.` : `The hold of ${service} has ended: the condition of ${policy} holds no longer.`,
    '',
    ...(endedAt === undefined
      ? [`What follows by ${policy}: ${actions.join(', ')}.`, `evenkeel objective holds`, '']
      : []),
    `Hold ${id}; evenkeel objective show ${objective}`,
  ].join('\n'),
});
