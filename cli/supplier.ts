import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { OpenedPlan } from '../api/declaration.ts';
import type { ShownScorecard, ShownSupplier } from '../api/routes/supplier.ts';
import { route } from './api.ts';
import { showOpening } from './opening.ts';
import { facts, plain, status, table, when } from './print.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

interface Ordered {
  service?: string;
  note?: string;
  link?: string;
  key?: string;
}

/** `evenkeel supplier`: on whom services depend outside, from the first idea to the exit. */
export const addSupplier = (program: Command, session: Session): void => {
  const supplier = program
    .command('supplier')
    .description('suppliers: contract, promises, access, and where each is in its life');

  supplier
    .command('list')
    .description('lists the suppliers of your teams')
    .action(() => session.list('/v1/suppliers', {}, suppliersText));

  supplier
    .command('show <name>')
    .description('shows a supplier with its contract, promises and access')
    .action((name: string) => session.get(route`/v1/suppliers/${name}`, supplierText));

  supplier
    .command('scorecard <name>')
    .description('shows what a supplier promised beside what came of it, by its definition and by ours')
    .option('--period <period>', 'a year, month or day in UTC, such as 2026-11 (default: the month that runs)')
    .action(async (name: string, query: Record<string, string>) =>
      session.show(await session.api.get<ShownScorecard>(route`/v1/suppliers/${name}/scorecard`, query), scorecardText),
    );

  supplier
    .command('move <name> <stage>')
    .description('moves a supplier to due-diligence, contracted, live, under-review or suspended')
    .requiredOption(...reasonOption)
    .action(async (name: string, stage: string, { reason }: { reason: string }) =>
      session.show(
        await session.api.command<ShownSupplier>(`${route`/v1/suppliers/${name}`}/stage`, { stage, reason }),
        ({ lifecycle }) => status(lifecycle.stage),
      ),
    );

  const order = (verb: string, path: string, description: string): void => {
    supplier
      .command(`${verb} <name>`)
      .description(`${description}; with the same --key it is safe to repeat`)
      .option('--service <name>', 'of those that it serves (default: the first of its owner)')
      .option('--note <text>')
      .option('--link <url>')
      .option('--key <key>', 'the Idempotency-Key (default: a random one)')
      .action(async (name: string, ordered: Ordered) => {
        const { key = randomUUID(), ...more } = ordered;
        const said = await session.api.command<OpenedPlan>(`${route`/v1/suppliers/${name}`}/${path}`, more, key);
        showOpening(session, said, ordered.key === undefined ? key : undefined);
      });
  };
  order('onboard', 'onboarding', 'opens the plan that takes a supplier into operation');
  order('exit', 'exit', 'opens the plan that ends the work with a supplier');
};

const suppliersText = (suppliers: readonly ShownSupplier[]): string =>
  table(
    ['supplier', 'stage', 'criticality', 'serves', 'contract ends'],
    suppliers.map(({ name, lifecycle, spec: { criticality = '', services, contract } }) => [
      name,
      status(lifecycle.stage),
      criticality,
      services.map(({ service }) => service).join(', '),
      contract?.end ?? '',
    ]),
    'no suppliers',
  );

const supplierText = ({ name, lifecycle, feed, spec }: ShownSupplier): string => {
  const { description, owner, criticality, services, contract, support, sla, access, exitPlan, statusFeed } = spec;
  const { stage, since, by, reason, plan } = lifecycle;
  const promised = sla.map(({ metric, percent, within, window }) =>
    plain(`${metric} ${percent === undefined ? (within ?? '') : `${percent} %`} a ${window}`),
  );
  return [
    `${name}: ${plain(description)}`,
    facts([
      ['team', owner],
      ['stage', `${status(stage)}${since === undefined ? '' : `, since ${when(since)}`}`],
      ['by', plain([by, reason, plan === undefined ? undefined : `plan ${plan}`].filter(Boolean).join(': '))],
      ['criticality', criticality],
      ['serves', services.map(({ service, hard }) => (hard ? service : `${service} (soft)`)).join(', ')],
      ['contract', contract && `${contract.start} to ${contract.end ?? 'further notice'}`],
      ['promises', promised.join('; ')],
      ['support', support && plain(support.channel)],
      ['status feed', statusFeed && plain(`${statusFeed.url}${faultOf(feed)}`)],
      ['exit plan', exitPlan && plain(exitPlan.alternative)],
    ]),
    ...(access.length === 0
      ? []
      : [
          table(
            ['access', 'scope', 'expires'],
            access.map(({ who, scope, expires }) => [plain(who), plain(scope), expires]),
          ),
        ]),
  ].join('\n');
};

const faultOf = (feed: ShownSupplier['feed']): string =>
  feed?.failingSince ? `, which cannot be read since ${when(feed.failingSince)}: ${feed.fault}` : '';

const scorecardText = ({ period, watched, lines, outages }: ShownScorecard): string => {
  const percent = (value: number | null): string => (value === null ? '' : `${value} %`);
  return [
    facts([
      ['period', `${when(period.from)} to ${when(period.until)}`],
      ['watched', watched ? `${when(watched.from)} to ${when(watched.until)}` : 'not at all'],
    ]),
    table(
      ['promise', 'target', 'theirs', 'ours', 'verdict', 'credit'],
      lines.map(({ metric, target, theirs, ours, verdict, credit, why }) => [
        metric,
        plain(target),
        percent(theirs),
        percent(ours),
        `${status(verdict)}${why === undefined ? '' : `: ${plain(why)}`}`,
        credit === 0 ? '' : `${credit} %`,
      ]),
      'nothing is promised',
    ),
    table(
      ['outage', 'impact', 'from', 'until'],
      outages.map(({ title, impact, startedAt, endedAt }) => [plain(title), impact, when(startedAt), when(endedAt)]),
      'no outage is known',
    ),
  ].join('\n\n');
};
