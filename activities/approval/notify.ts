import type { Approval } from '../../domain/approval.ts';
import { askedOf, isUnsatisfiable, leftOut } from '../../domain/approval.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { tellPerson, tellTeam } from '../notification.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'outbox' | 'publicUrl'>;

/** Writes to those who are asked in the open stage and have not decided: once for each reason, and each deadline. */
export const tellApprovers = async (
  ports: Ports,
  approval: Approval,
  why: 'asked' | 'reminded' | 'escalated',
): Promise<void> => {
  if (approval.status !== 'open') return;
  const { eligible } = approval.stages[approval.stage]!;
  const occasion = why === 'reminded' ? `${why}/${Date.parse(approval.deadlineAt)}` : why;
  const undecided = eligible.filter((seat) => !approval.votes.some((vote) => vote.seat === seat));
  for (const person of undecided) {
    await tellPerson(ports, {
      key: `approval/${approval.id}/${approval.stage}/${occasion}/${person}`,
      plan: approval.plan,
      person,
      subject: `${why === 'reminded' ? 'Reminder: ' : ''}Approval needed: ${approval.question}`,
      text: `${approval.requester} asks: ${approval.question}\nDecide by ${approval.deadlineAt}. Without a decision it is not approved.\n\n${ports.publicUrl}/v1/approvals/${approval.id}\nevenkeel approval approve ${approval.id}\nevenkeel approval reject ${approval.id} --reason "…"`,
    });
  }
};

/** Changes were asked for: whoever answers for the plan has to make them, or give it up. */
export const tellOfChanges = async (
  ports: Ports,
  { id, plan, team, status, question, votes }: Approval,
): Promise<void> => {
  if (status !== 'changes-requested') return;
  const asked = votes.filter(({ decision }) => decision === 'request-changes');
  const said = asked.map(({ voter, reason }) => `${voter} asks for changes: ${reason}`);
  await tellTeam(ports, team, {
    key: `approval/${id}/changes-requested`,
    plan,
    subject: `Changes are asked for: ${question}`,
    text: `${said.join('\n')}\n\nLeave activities out, or ask again when nothing has to change; for anything else cancel it, and deploy anew.\n\nevenkeel plan show ${plan}\nevenkeel plan amend ${plan} --drop ACTIVITY --reason "…"\nevenkeel plan reassess ${plan} --reason "…"\nevenkeel plan cancel ${plan} --reason "…"`,
  });
};

/** Silence would only be rejected at the deadline: whoever can change something is told at once. */
export const warnOwner = async (ports: Ports, approval: Approval): Promise<void> => {
  if (approval.status !== 'open' || !isUnsatisfiable(approval)) return;
  const { eligible, needed } = approval.stages[approval.stage]!;
  const named = await approversNow(ports.catalogue, askedOf(approval), Date.now());
  const left = leftOut(approval, named).map(({ person, why }) => `${person} may not vote: ${person} ${why}.`);
  const mayEscalate = !approval.escalated && approval.policy.escalateTo.length > 0;
  const otherwise = mayEscalate ? 'more people are asked' : 'it is rejected';
  await tellTeam(ports, approval.team, {
    key: `approval/${approval.id}/${approval.stage}/too-few`,
    plan: approval.plan,
    subject: `Nobody can approve: ${approval.question}`,
    text: `It takes ${needed} and only ${eligible.join(', ') || 'nobody'} may vote.\n${left.join('\n')}\n\nName more approvers, who neither ask nor execute, and apply; then cancel the plan and deploy anew. Otherwise ${otherwise} at ${approval.deadlineAt}.\n\nevenkeel approval show ${approval.id}`,
  });
};
