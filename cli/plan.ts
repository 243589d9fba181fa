import type { Command } from 'commander';
import type { ReadinessReview } from '../domain/readiness.ts';
import { type Query, route } from './api.ts';
import { type ShownApproval, whoDecides } from './approval-view.ts';
import { CommandFailure, unlessHidden } from './failure.ts';
import { addPlanCommands } from './plan-command.ts';
import { addPlanRequest } from './plan-request.ts';
import { planText, type ShownPlan, statusText } from './plan-view.ts';
import { lookAt, watchPlan } from './plan-watch.ts';
import { facts, plain, plainLines, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb } from './verb.ts';

/** `evenkeel plan`: looks at operation plans and steers them. */
export function addPlan(program: Command, session: Session): void {
  const plan = program.command('plan').description('operation plans: follow and control them');

  listVerb(plan, 'lists the plans of your teams, newest first')
    .option('--service <name>')
    .option('--environment <name>')
    .option('--status <status>', 'such as running, awaiting-approval or completed')
    .action((query: Query) => session.list('/v1/operation-plans', query, plansText));

  plan
    .command('show <id>')
    .description('shows a plan with its readiness, activities, steps, people, approval and tasks')
    .action(async (id: string) => {
      const look = await lookAt(session, id);
      const asked = session.isJson ? undefined : await openApprovalOf(session, look.plan);
      const decide = asked ? ['approval', ...whoDecides(asked).map((line) => `  ${line}`)] : [];
      session.show({ ...look.plan, runs: look.runs }, () => [planText(look.plan, look.runs), ...decide].join('\n'));
    });

  plan
    .command('watch <id>')
    .description('follows a plan to its end; exit code 0 if it is completed, 1 otherwise')
    .action(async (id: string) => {
      session.exitCode = await watchPlan(session, id);
    });

  plan
    .command('readiness <id>')
    .description('shows the signed readiness review, check by check')
    .action((id: string) => session.get(route`/v1/operation-plans/${id}/readiness`, reviewText));

  plan
    .command('content <id>')
    .description('shows what is approved and executed: every step with what it sends or runs, and the digest')
    .action(async (id: string) => {
      const { stringify } = await import('yaml');
      await session.get(route`/v1/operation-plans/${id}/content`, (said: unknown) =>
        plainLines(stringify(said).trimEnd()),
      );
    });

  plan
    .command('report <id>')
    .description('prints the completion report as Markdown')
    .action((id: string) =>
      session.get(route`/v1/operation-plans/${id}/reports`, ({ items }) => completionOf(id, items)),
    );

  addPlanRequest(plan, session);
  addPlanCommands(plan, session);
}

const openApprovalOf = async ({ api }: Session, { record }: ShownPlan): Promise<ShownApproval | undefined> => {
  const approval = record?.approval;
  return approval?.status === 'open' ? unlessHidden(api.get(route`/v1/approvals/${approval.id}`)) : undefined;
};

interface Report {
  kind: 'completion' | 'status';
  markdown: string;
}

const completionOf = (id: string, reports: readonly Report[]): string => {
  const report = reports.findLast(({ kind }) => kind === 'completion');
  if (report) return plainLines(report.markdown.trimEnd());
  throw new CommandFailure(5, `plan ${id} has no completion report`, {
    hint: `It is written when the plan ends: evenkeel plan watch ${id}`,
  });
};

const plansText = (plans: readonly ShownPlan[]): string =>
  table(
    ['id', 'status', 'about', 'opened'],
    plans.map((plan) => [plain(plan.id), statusText(plan), plain(plan.about), when(plan.openedAt)]),
    'no plans',
  );

const reviewText = ({ verdict, levelReached, level, signature, items }: ReadinessReview): string =>
  [
    facts(
      [
        ['verdict', status(verdict)],
        ['level', `${levelReached ?? 'none'} reached, ${level} wanted`],
        ['signed', `${signature.by}, ${when(signature.at)}`],
        ['evidence', signature.evidenceDigest],
      ],
      '',
    ),
    table(
      ['check', 'result', 'severity', 'title', 'finding'],
      items.map(({ check, result, severity, title, finding, waiver }) => [
        check,
        status(result),
        severity,
        plain(title),
        plain(waiver ? `waived by ${waiver.approvedBy}: ${waiver.reason}` : finding.detail),
      ]),
    ),
  ].join('\n\n');
