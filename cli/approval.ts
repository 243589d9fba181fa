import type { Command } from 'commander';
import type { Approval, Vote } from '../domain/approval.ts';
import type { PlanContent } from '../domain/plan-content.ts';
import { route } from './api.ts';
import { ApiFailure } from './failure.ts';
import { facts, note, plain, span, status, table, when } from './print.ts';
import { type Session, showPage } from './session.ts';
import { CommandFailure } from './state.ts';

const decisions = {
  approve: 'agrees to exactly what is shown',
  reject: 'says no; say why with --reason',
  abstain: 'leaves the decision to the others',
  'request-changes': 'sends it back; say what with --reason',
};

/** `evenkeel approval`: what is asked, of whom, and one's own vote. */
export function addApproval(program: Command, session: Session): void {
  const approval = program.command('approval').description('approvals: what is asked, and your vote');

  approval
    .command('list')
    .description('approvals of your teams and those that ask you, the newest first')
    .option('--plan <id>')
    .option('--status <status>', 'such as open')
    .option('--limit <number>', 'at most so many (up to 200)')
    .option('--after <cursor>', 'go on behind the page before')
    .action(async (query: Record<string, string>) => {
      const page = await session.api.get<{ items: Approval[]; next?: string }>('/v1/approvals', query);
      showPage(session, page, approvalsText);
    });

  approval
    .command('show')
    .argument('<id>')
    .description('the question, what it is about, its digest, who is asked and who has voted')
    .action(async (id: string) => {
      const asked = await session.api.get<Approval>(route`/v1/approvals/${id}`);
      const about = session.isJson ? undefined : await contentOf(session, asked);
      session.show(asked, () => approvalText(asked, about));
    });

  for (const [decision, description] of Object.entries(decisions)) {
    approval
      .command(decision)
      .argument('<id>')
      .description(description)
      .option('--reason <text>', 'why; it goes into the audit trail')
      .option('--on-behalf-of <person>', 'whoever has handed the vote to you')
      .option('--digest <hex>', 'of what you looked at; the present one if not given')
      .action((id: string, options: VoteOptions) => vote(session, id, decision, options));
  }
}

interface VoteOptions {
  reason?: string;
  onBehalfOf?: string;
  digest?: string;
}

const vote = async (session: Session, id: string, decision: string, options: VoteOptions): Promise<void> => {
  if ((decision === 'reject' || decision === 'request-changes') && !options.reason)
    throw new CommandFailure(2, `say why, with --reason: evenkeel approval ${decision} ${id} --reason "…"`);
  if (options.digest !== undefined && !/^[0-9a-f]{64}$/.test(options.digest)) {
    throw new CommandFailure(2, `--digest ${options.digest}: it must be 64 hexadecimal digits, as approval show says`);
  }
  const shown = options.digest === undefined ? await voteOn(session, id) : { digest: options.digest };
  const { body } = await session.api.command<Approval>(route`/v1/approvals/${id}/votes`, {
    decision,
    ...shown,
    reason: options.reason ?? '',
    ...(options.onBehalfOf === undefined ? {} : { onBehalfOf: options.onBehalfOf }),
    channel: 'cli',
  });
  session.show(body, (after) => `${decision}: ${plain(id)} is ${status(after.status)}, ${countOf(after)}`);
};

/** Says what the vote is about before it is given. */
const voteOn = async (session: Session, id: string): Promise<{ digest: string; stage: number }> => {
  const { question, digest, stage } = await session.api.get<Approval>(route`/v1/approvals/${id}`);
  note(plain(question));
  note(`digest ${digest}`);
  return { digest, stage };
};

interface ShownContent {
  digest: string;
  content: PlanContent;
}

/** Whoever is asked from another team may not be able to see the plan. */
const contentOf = async ({ api }: Session, { plan }: Approval): Promise<ShownContent | undefined> => {
  try {
    return await api.get<ShownContent>(route`/v1/operation-plans/${plan}/content`);
  } catch (error) {
    if (error instanceof ApiFailure && (error.exitCode === 4 || error.exitCode === 5)) return undefined;
    throw error;
  }
};

const approvalsText = (approvals: readonly Approval[]): string =>
  table(
    ['id', 'status', 'question', 'votes', 'decide by'],
    approvals.map((asked) => [
      plain(asked.id),
      status(asked.status),
      plain(asked.question),
      countOf(asked),
      asked.status === 'open' ? when(asked.deadlineAt) : '',
    ]),
    'no approvals',
  );

const countOf = ({ stages, stage, votes }: Approval): string => {
  const agreed = votes.filter((given) => given.stage === stage && given.decision === 'approve').length;
  const of = stages.length > 1 || stage > 0 ? `, stage ${stage + 1}` : '';
  return `${agreed} of ${stages[stage]?.needed ?? 0}${of}`;
};

const approvalText = (asked: Approval, about: ShownContent | undefined): string =>
  [
    plain(asked.question),
    facts([
      ['id', plain(asked.id)],
      ['status', `${status(asked.status)}, ${countOf(asked)}${asked.escalated ? ', escalated' : ''}`],
      ['asked by', asked.requester],
      ['executes', asked.executors.join(', ')],
      ['opened', when(asked.openedAt)],
      ['decide by', asked.status === 'open' ? when(asked.deadlineAt) : undefined],
      ['decided', when(asked.decidedAt)],
      ['digest', asked.digest],
    ]),
    about ? contentText(asked, about) : `plan ${plain(asked.plan)}: you may not see it, or it is not planned yet`,
    ...asked.stages.map(
      ({ eligible, needed }, index) => `stage ${index + 1}: ${needed} of ${eligible.join(', ') || 'nobody'}`,
    ),
    table(['vote', 'seat', 'by', 'when', 'reason'], asked.votes.map(voteRow), 'no votes yet'),
  ].join('\n');

const contentText = (asked: Approval, { digest, content }: ShownContent): string => {
  const { revision, activities, criticalPathMs, window, dropped } = content;
  const isOlder = asked.subject === `plan/${asked.plan}` && asked.digest !== digest;
  return [
    ...(isOlder ? ['The plan has changed since: what follows is not what this approval is about.'] : []),
    `plan ${plain(asked.plan)}, revision ${revision}: ${plain(content.artifact)} to ${content.environment}`,
    facts([
      ['takes', span(criticalPathMs)],
      ['window', window],
      ['dropped', dropped.join(', ')],
      ...activities.map(
        ({ name, runbook, task, undo }) =>
          [
            name,
            runbook
              ? `runbook ${runbook.name}: ${runbook.steps.map((step) => step.name).join(', ')}${undo ? '; can be undone' : ''}`
              : plain(task?.title ?? ''),
          ] as const,
      ),
    ]),
  ].join('\n');
};

const voteRow = ({ seat, voter, decision, at, reason }: Vote): string[] => [
  decision,
  seat,
  voter === seat ? '' : voter,
  when(at),
  plain(reason),
];
