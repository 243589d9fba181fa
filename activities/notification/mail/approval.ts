import type { Approval } from '../../../domain/approval.ts';
import { approverText } from '../../../domain/approval/stage.rules.ts';
import { idOf, kindOf } from '../../../domain/identifiers.ts';
import { triggeredByText } from '../../../domain/login.rules.ts';
import type { Notice } from '../../../domain/notice.ts';
import { type About, type Mail, showing } from './about.ts';

/** All that it takes to decide, and the commands that do. */
export const approvalText = (approval: Approval, { brief, publicUrl }: About): string => {
  const { id, requester, triggeredBy, question, digest, deadlineAt } = approval;
  const command = (decision: string): string => `evenkeel approval ${decision} ${id} --digest ${digest}`;
  return [
    `${requester} asks: ${question}`,
    ...(triggeredBy ? [`Triggered by ${triggeredByText(triggeredBy)}.`] : []),
    `Decide by ${deadlineAt}. Without a decision by then, it is not approved.`,
    '',
    ...(brief.length === 0 ? [] : [...brief, '']),
    ...stagesText(approval),
    '',
    `${publicUrl}/v1/approvals/${id}`,
    `evenkeel approval show ${id}`,
    command('approve'),
    `${command('reject')} --reason "…"`,
  ].join('\n');
};

/** Who decides now, and who is asked after them. */
const stagesText = ({ stage, stages, policy }: Approval): string[] => {
  const { needed, eligible } = stages[stage]!;
  const later = policy.stages
    .slice(stage + 1)
    .map(({ approvers }) => `Then: ${approvers.map(approverText).join(', ')}`);
  return [`Now: ${needed} of ${eligible.join(', ')}`, ...later];
};

export const changesText = ({ question, votes }: Approval, about: About): Mail => {
  const command = `evenkeel ${kindOf(about.belongsTo)}`;
  const id = idOf(about.belongsTo);
  const said = votes
    .filter(({ decision }) => decision === 'request-changes')
    .map(({ voter, reason }) => `${voter} requests changes: ${reason}`);
  return {
    subject: `Changes requested: ${question}`,
    text: `${said.join('\n')}\n\nDrop activities, or ask again if nothing has to change. For anything else, cancel the plan and deploy again.\n\n${showing(about)}\n${command} amend ${id} --drop activity --reason "…"\n${command} reassess ${id} --reason "…"\n${command} cancel ${id} --reason "…"`,
  };
};

/** Silence would only be rejected at the deadline: whoever can change something is notified at once. */
export const tooFewText = ({ approval, leftOut }: Extract<Notice, { reason: 'too-few-approvers' }>): Mail => {
  const { id, question, stages, stage, escalated, policy, deadlineAt } = approval;
  const { eligible, needed } = stages[stage]!;
  const left = leftOut.map(({ person, why }) => `${person} may not vote because ${person} ${why}.`);
  const otherwise = !escalated && policy.escalateTo.length > 0 ? 'more people are asked' : 'it is rejected';
  return {
    subject: `Nobody can approve: ${question}`,
    text: `It needs ${needed} to approve, and ${eligible.length === 0 ? 'nobody' : `only ${eligible.join(', ')}`} may vote.\n${left.join('\n')}\n\nName more approvers who neither request nor execute it, and apply that. Then cancel the plan and deploy again. Otherwise ${otherwise} at ${deadlineAt}.\n\nevenkeel approval show ${id}`,
  };
};
