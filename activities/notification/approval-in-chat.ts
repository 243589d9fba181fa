import type { Notice } from '../../domain/notice.ts';
import type { SlackButton } from '../../domain/message.ts';
import type { PersonSpec } from '../../domain/team.ts';
import type { ActivityPorts } from '../ports.ts';

interface Asked {
  person: string;
  known: PersonSpec;
  notice: Notice;
}

/**
 * The button for somebody who is asked to approve and can be reached in Slack. Nobody gets one that would be refused: a Source has
 * to take approvals, and to speak for this person or about what is of its team.
 */
export const approvalInChat = async (
  { person, known, notice }: Asked,
  catalogue: ActivityPorts['catalogue'],
): Promise<{ channel: string; to: string; button: SlackButton } | undefined> => {
  if (!isAsked(notice)) return undefined;
  const { id, stage, digest, team } = notice.approval;
  const sources = await catalogue.list('Source');
  const teams = sources.flatMap(({ spec }) => (spec.format === 'slack' && spec.approvals ? [spec.team] : []));
  const members = await Promise.all(teams.map((name) => catalogue.find('Team', name)));
  const isTheirs = members.some((each) => each?.members.some((member) => member.person === person));
  if (!isTheirs && !teams.includes(team)) return undefined;
  for (const { channel, address } of known.contacts ?? []) {
    const found = channel === 'email' ? undefined : await catalogue.find('NotificationChannel', channel);
    if (found?.type === 'slack' && address !== undefined)
      return { channel, to: address, button: { approval: id, stage, digest } };
  }
  return undefined;
};

const isAsked = (
  notice: Notice,
): notice is Extract<Notice, { reason: 'approval-asked' | 'approval-reminded' | 'approval-escalated' }> =>
  notice.reason === 'approval-asked' || notice.reason === 'approval-reminded' || notice.reason === 'approval-escalated';
