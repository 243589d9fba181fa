import type { Command } from 'commander';
import type { ListedRun, OrderedPatterns } from '../api/routes/pattern.ts';
import { periodText, scopeText } from '../domain/metric/text.rules.ts';
import type { PatternRun } from '../domain/pattern.ts';
import { route } from './api.ts';
import { facts, plain, short, table, when } from './print.ts';
import type { Session } from './session.ts';
import { listVerb, scopeOf } from './verb.ts';

/** `evenkeel pattern`: what keeps happening, and what says so. */
export function addPattern(program: Command, session: Session): void {
  const pattern = program
    .command('pattern')
    .description('patterns: what keeps happening, each day or in a past of your choice');

  scopeOf(
    pattern
      .command('find')
      .description(
        'looks for what keeps happening: similar incidents, more of them than expected, rising trends, and what users feel most',
      ),
  )
    .option('--open', 'opens problems of what is found, or feeds those that are open')
    .option('--key <key>', 'the Idempotency-Key, with which it is safe to repeat (default: a random one)')
    .action(async ({ key, ...body }: Record<string, string | boolean> & { key?: string }) => {
      const said = await session.api.command<OrderedPatterns>('/v1/pattern-runs', body, key);
      session.show(said, ({ run, accepted }) =>
        run === undefined
          ? `recorded; it begins as soon as it can (evenkeel inbox show ${accepted})`
          : `pattern run ${run}: evenkeel pattern show ${run}`,
      );
    });

  listVerb(pattern, 'lists when patterns were looked for, newest first').action((query: Record<string, string>) =>
    session.list('/v1/pattern-runs', query, runsText),
  );

  pattern
    .command('show <id>')
    .description('shows what a run has found, and what each pattern stands on')
    .action((id: string) => session.get(route`/v1/pattern-runs/${id}`, runText));
}

const runsText = (runs: readonly ListedRun[]): string =>
  table(
    ['run', 'of', 'period', 'by', 'found', 'patterns'],
    runs.map(({ id, scope, period, orderedBy, foundAt, patterns }) => [
      id,
      plain(scopeText(scope)),
      periodText(period),
      plain(orderedBy.name),
      foundAt === null ? 'not yet' : when(foundAt),
      patterns === null ? '' : String(patterns),
    ]),
    'no runs',
  );

const runText = ({ scope, period, foundAt, incidents, opens, patterns, inconclusive, hash }: PatternRun): string =>
  [
    `Patterns of ${plain(scopeText(scope))}, ${periodText(period)}`,
    facts([
      ['found', when(foundAt)],
      ['incidents', `${incidents} looked at, those before the period among them`],
      ['problems', opens ? 'open of what was found' : 'do not open of it'],
      ['hash', hash],
    ]),
    table(
      ['rule', 'what', 'service', 'incidents', 'why', 'problem'],
      patterns.map(({ rule, title, service, incidents: some, why, problem }) => [
        rule,
        short(title),
        plain(service ?? ''),
        `${some.slice(0, 8).join(' ')}${some.length > 8 ? ` and ${some.length - 8} more` : ''}`,
        plain(why),
        problem === undefined ? '' : String(problem),
      ]),
      'nothing keeps happening, as far as is known',
    ),
    ...(inconclusive.length === 0
      ? []
      : [['Not known:', ...inconclusive.map(({ rule, why }) => `  ${rule}: ${plain(why)}`)].join('\n')]),
  ].join('\n\n');
