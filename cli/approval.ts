import type { Command } from 'commander';
import type { Approval } from '../domain/approval.ts';
import { idOf, kindOf } from '../domain/identifiers.ts';
import { type Query, route } from './api.ts';
import { approvalsText, approvalText, countOf, type ShownApproval, type Subject, sinceText } from './approval-view.ts';
import { CommandFailure, unlessHidden } from './failure.ts';
import { note, plain, status } from './print.ts';
import type { Session } from './session.ts';
import { listOfRecords, reasonOption } from './verb.ts';

const decisions = {
  approve: 'approves exactly what is shown',
  reject: 'rejects it; give a --reason',
  abstain: 'leaves the decision to the others; rejects it if too few are left to agree',
  'request-changes': 'sends it back; say with --reason what to change',
};

/** `evenkeel approval`: what is asked, of whom, and one's own vote. */
export function addApproval(program: Command, session: Session): void {
  const approval = program.command('approval').description('approvals: look at them, and vote');

  listOfRecords(approval, 'lists the approvals of your teams and those that ask you, newest first').action(
    (query: Query) => session.list('/v1/approvals', query, approvalsText),
  );

  approval
    .command('show <id>')
    .description('shows the question, its subject with open points and undo, who may vote, and who has voted')
    .action(async (id: string) => {
      const asked = await session.api.get<ShownApproval>(route`/v1/approvals/${id}`);
      const about = session.isJson ? undefined : await subjectOf(session, asked);
      session.show(asked, () => approvalText(asked, about));
    });

  for (const [decision, description] of Object.entries(decisions)) {
    approval
      .command(decision)
      .argument('<id>')
      .description(description)
      .option(...reasonOption)
      .option('--on-behalf-of <person>', 'the person who delegated the vote to you')
      .option('--digest <hex>', 'the digest of what you looked at (default: the current one)')
      .action((id: string, options: VoteOptions) => vote(session, id, decision, options));
  }
}

type VoteOptions = Partial<Record<'reason' | 'onBehalfOf' | 'digest', string>>;

const vote = async (session: Session, id: string, decision: string, options: VoteOptions): Promise<void> => {
  if ((decision === 'reject' || decision === 'request-changes') && !options.reason)
    throw new CommandFailure(2, `say why, with --reason: evenkeel approval ${decision} ${id} --reason "…"`);
  if (options.digest !== undefined && !/^[0-9a-f]{64}$/.test(options.digest)) {
    throw new CommandFailure(
      2,
      `--digest ${options.digest}: expected 64 hexadecimal digits, as approval show prints them`,
    );
  }
  const shown = options.digest === undefined ? await voteOn(session, id) : { digest: options.digest };
  const said = await session.api.command<Approval & { repeated: boolean }>(route`/v1/approvals/${id}/votes`, {
    decision,
    ...shown,
    reason: options.reason ?? '',
    onBehalfOf: options.onBehalfOf,
    channel: 'cli',
  });
  session.show(said, (after) => votedText(id, decision, after));
};

/** Says what the vote is about before it is given. */
const voteOn = async (session: Session, id: string): Promise<{ digest: string; stage: number }> => {
  const { question, digest, stage, since } = await session.api.get<ShownApproval>(route`/v1/approvals/${id}`);
  note(plain(question));
  for (const line of sinceText(since)) note(line);
  note(`digest ${digest}`);
  return { digest, stage };
};

/** What a vote did, and why it ended the request when nobody rejected it. */
const votedText = (id: string, decision: string, after: Approval & { repeated: boolean }): string => {
  const stands = `${plain(id)} is ${status(after.status)}, ${countOf(after)}`;
  if (after.repeated) return `You have voted already: ${decision}; nothing has changed. ${stands}`;
  const isTooFew = decision === 'abstain' && after.status === 'rejected';
  return `${decision}: ${stands}${isTooFew ? ': too few are left to agree' : ''}`;
};

/** Whoever is asked from another team may not be able to see the plan. */
const subjectOf = async ({ api }: Session, { belongsTo }: Approval): Promise<Subject | undefined> => {
  if (kindOf(belongsTo) !== 'plan') return undefined;
  const plan = idOf(belongsTo);
  const about = await unlessHidden(api.get<Omit<Subject, 'readiness'>>(route`/v1/operation-plans/${plan}/content`));
  if (!about) return undefined;
  return { ...about, readiness: await unlessHidden(api.get(route`/v1/operation-plans/${plan}/readiness`)) };
};
