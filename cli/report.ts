import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { ListedReport, Ordered } from '../api/routes/performance-report.ts';
import { periodText, scopeText } from '../domain/metric/text.rules.ts';
import type { PerformanceReport } from '../domain/performance-report.ts';
import { reportToHtml } from '../domain/performance-report/html.rules.ts';
import { reportToMarkdown } from '../domain/performance-report/markdown.rules.ts';
import { route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { plain, plainLines, say, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb, scopeOf } from './verb.ts';

/** `evenkeel report`: what a service, a team or everything came to in a month. */
export function addReport(program: Command, session: Session): void {
  const report = program
    .command('report')
    .description('reports: what a service, a team or everything came to in a period');

  scopeOf(report.command('create').description('orders a report: it is written as soon as it can be'))
    .option('--send', 'sends it to the stakeholders of the service, or to the team')
    .option('--key <key>', 'the Idempotency-Key, with which it is safe to repeat (default: a random one)')
    .action(async ({ key, ...body }: Record<string, string | boolean> & { key?: string }) => {
      const said = await session.api.command<Ordered>('/v1/performance-reports', body, key);
      session.show(said, ({ report: id, accepted }) =>
        id === undefined
          ? `recorded; it is written as soon as it can be (evenkeel inbox show ${accepted})`
          : `report ${id}: evenkeel report show ${id}`,
      );
    });

  listVerb(report, 'lists the reports of your teams, newest first').action((query: Record<string, string>) =>
    session.list('/v1/performance-reports', query, reportsText),
  );

  report
    .command('show <id>')
    .description('shows a report as text')
    .action((id: string) =>
      session.get(route`/v1/performance-reports/${id}`, (said: PerformanceReport) =>
        plainLines(reportToMarkdown(said)),
      ),
    );

  report
    .command('open <id>')
    .description('writes a report as a page with charts, to read in a browser or to print')
    .option('--to <file>', 'where to (default: a new file)')
    .action(async (id: string, { to }: { to?: string }) => {
      const said = await session.api.get<PerformanceReport>(route`/v1/performance-reports/${id}`);
      const file = to ?? join(mkdtempSync(join(tmpdir(), 'evenkeel-report-')), 'report.html');
      try {
        // Whoever else works on this machine does not read it.
        writeFileSync(file, reportToHtml(said), { mode: 0o600 });
      } catch (cause) {
        throw new CommandFailure(2, `${file} cannot be written`, { cause });
      }
      say(pathToFileURL(file).href);
    });
}

const reportsText = (reports: readonly ListedReport[]): string =>
  table(
    ['report', 'of', 'period', 'by', 'written'],
    reports.map(({ id, scope, period, orderedBy, writtenAt }) => [
      id,
      plain(scopeText(scope)),
      periodText(period),
      plain(orderedBy.name),
      writtenAt === null ? 'not yet' : when(writtenAt),
    ]),
    'no reports',
  );
