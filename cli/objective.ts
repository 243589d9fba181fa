import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { BudgetHold } from '../domain/objective/hold.ts';
import { isActive } from '../domain/objective/hold.rules.ts';
import type { PrometheusRules } from '../domain/objective/prometheus-rules.ts';
import type { ObjectiveState } from '../domain/objective/state.ts';
import { route } from './api.ts';
import { facts, plain, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { pagesOf, reasonOption } from './verb.ts';

/** `evenkeel objective`: what services promise, how it stands, and what a spent budget holds up. */
export function addObjective(program: Command, session: Session): void {
  const objective = program
    .command('objective')
    .description('objectives: promises of services, their error budgets, and what a spent one holds up');

  objective
    .command('list')
    .description('lists the objectives of your teams with the use of their budgets')
    .action(() => session.list('/v1/objectives', {}, objectivesText));

  objective
    .command('show <name>')
    .description('shows an objective: budget, burn rates, alerts and holds')
    .action((name: string) => session.get(route`/v1/objectives/${name}`, objectiveText));

  objective
    .command('export')
    .description('writes the objectives of your teams as rules for Prometheus, which page on without Evenkeel')
    .action(() => session.get('/v1/objective-rules', (rules: PrometheusRules) => stringify(rules)));

  pagesOf(objective.command('holds').description('lists what spent error budgets hold up, newest first'))
    .option('--open <boolean>', 'true: those that have not ended')
    .action((query: Record<string, string>) => session.list('/v1/budget-holds', query, holdsText));

  objective
    .command('override <hold>')
    .description('lets changes pass a hold for a while, as far as its policy allows')
    .requiredOption(...reasonOption)
    .option('--for <duration>', 'for how long (default: the longest time that the policy allows)')
    .action(async (id: string, options: object) =>
      session.show(
        await session.api.command<BudgetHold>(`${route`/v1/budget-holds/${id}`}/override`, options),
        (hold) => `overridden until ${when(hold.overridden?.until ?? '')}`,
      ),
    );

  objective
    .command('review <hold>')
    .description('writes down the review that a hold asks for')
    .requiredOption('--text <text>', 'what was found, and what is done about it')
    .action(async (id: string, options: object) =>
      session.show(
        await session.api.command<BudgetHold>(`${route`/v1/budget-holds/${id}`}/review`, options),
        () => 'reviewed',
      ),
    );
}

const percent = (share: number | undefined): string => (share === undefined ? '' : `${(share * 100).toPrecision(4)} %`);

const objectivesText = (items: readonly ObjectiveState[]): string =>
  table(
    ['objective', 'service', 'target', 'met', 'budget used', 'measured to'],
    items.map(({ name, service, target, met, used, total, asOf }) => [
      plain(name),
      plain(service),
      percent(target),
      percent(met),
      total === 0 ? '-' : percent(used),
      asOf === undefined ? '' : when(asOf),
    ]),
  );

const objectiveText = (
  shown: ObjectiveState & { alerts: { alert: string; raisedAt: string }[]; holds: BudgetHold[] },
): string =>
  [
    facts([
      ['objective', `${plain(shown.name)} of ${plain(shown.service)}`],
      [
        'target',
        `${percent(shown.target)} (${shown.method}); ${shown.total === 0 ? 'nothing measured yet' : `${percent(shown.met)} were good`}`,
      ],
      ['window', `${when(shown.window.from)} to ${when(shown.window.until)}`],
      [
        'budget',
        shown.total === 0
          ? 'not known yet'
          : `${percent(shown.used)} used: ${shown.bad} bad of ${shown.allowed} allowed`,
      ],
      ['not counted', `${shown.empty} slots without data, ${shown.unmeasured} not looked at`],
      ...shown.burnRates.map(({ window, burnRate }): [string, string] => [
        `burn rate ${window}`,
        burnRate === undefined ? 'no data' : burnRate.toPrecision(4),
      ]),
      ...(shown.trouble === undefined ? [] : ([['trouble', plain(shown.trouble)]] as [string, string][])),
      ...shown.alerts.map(({ alert, raisedAt }): [string, string] => [
        'alert',
        `${plain(alert)} since ${when(raisedAt)}`,
      ]),
    ]),
    ...(shown.holds.length === 0 ? [] : [holdsText(shown.holds)]),
  ].join('\n');

const holdsText = (holds: readonly BudgetHold[]): string =>
  table(
    ['hold', 'service', 'policy', 'does', 'since', 'state', 'why'],
    holds.map((hold) => [
      hold.id,
      plain(hold.service),
      plain(hold.policy),
      hold.actions.join(', '),
      when(hold.openedAt),
      stateOf(hold),
      plain(hold.why),
    ]),
  );

const stateOf = (hold: BudgetHold): string => {
  const { endedAt, overridden, reviewed } = hold;
  if (endedAt !== undefined) return status('ended');
  // An override that is over holds nothing back any more.
  if (overridden && !isActive(hold, new Date().toISOString())) return `overridden until ${when(overridden.until)}`;
  return reviewed ? status('reviewed') : status('open');
};
