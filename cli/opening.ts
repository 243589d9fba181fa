import type { OpenedPlan } from '../api/declaration.ts';
import { note, plain, status } from './print.ts';
import type { Session } from './session.ts';

/** Shows what became of what opens a plan; without a plan there is where to look. */
export const showOpening = (session: Session, said: OpenedPlan, key: string | undefined): void => {
  session.show(said, openingText);
  if (said.state === 'refused' || said.state === 'gap') session.exitCode = 1;
  if (key !== undefined) note(`key ${key}`);
};

const openingText = ({ accepted, state, plan, reason }: OpenedPlan): string =>
  [
    `${status(state)}${reason === undefined ? '' : `: ${plain(reason)}`}`,
    plan === undefined ? `follow it with: evenkeel inbox show ${accepted}` : `plan ${plain(plan)}`,
  ].join('\n');
