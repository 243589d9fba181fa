import type { Approval } from '../../domain/approval.ts';
import { askedOf, isUnsatisfiable, leftOut } from '../../domain/approval/stage.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { notify } from '../notification/index.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'schedules' | 'outbox' | 'kinds' | 'publicUrl'>;

/** Notifies those who are asked in the open stage and have not decided, once; reminds them once for each deadline. */
export const notifyApprovers = async (ports: Ports, approval: Approval, { isReminder = false } = {}): Promise<void> => {
  const { id, status, stage, stages, votes, deadlineAt, belongsTo, escalated } = approval;
  if (status !== 'open') return;
  // Whom escalation adds is asked by it.
  const why = isReminder ? 'reminded' : escalated ? 'escalated' : 'asked';
  const occasion = isReminder ? `${why}/${Date.parse(deadlineAt)}` : why;
  const undecided = stages[stage]!.eligible.filter((seat) => !votes.some((vote) => vote.seat === seat));
  await notify(ports, {
    key: `approval/${id}/${stage}/${occasion}`,
    belongsTo,
    to: { people: undecided },
    notice: { reason: `approval-${why}`, approval },
  });
};

/** Changes were asked for: whoever answers for the record has to make them, or give it up. */
export const notifyOfChanges = async (ports: Ports, approval: Approval): Promise<void> => {
  const { id, belongsTo, team, status } = approval;
  if (status !== 'changes-requested') return;
  const notice = { reason: 'changes-requested', approval } as const;
  await notify(ports, { key: `approval/${id}/changes-requested`, belongsTo, to: { team }, notice });
};

/** Too few may vote: whoever can change something is notified at once. */
export const warnOwner = async (ports: Ports, approval: Approval): Promise<void> => {
  const { id, belongsTo, team, status, stage } = approval;
  if (status !== 'open' || !isUnsatisfiable(approval)) return;
  const named = await approversNow(ports, askedOf(approval), Date.now());
  await notify(ports, {
    key: `approval/${id}/${stage}/too-few`,
    belongsTo,
    to: { team },
    notice: { reason: 'too-few-approvers', approval, leftOut: leftOut(approval, named) },
  });
};
