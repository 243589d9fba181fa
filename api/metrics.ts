import { collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { EventClass } from '../domain/alert.ts';
import { SignalStatus } from '../domain/improvement-signal.ts';
import { Severity } from '../domain/severity.ts';
import type { Current } from '../storage/current.ts';
import type { HistoryStore } from '../storage/history.ts';
import type { Stores } from '../workers/ports.ts';

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'evenkeel_' });

const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
  new Gauge({ name: `evenkeel_${name}`, help, labelNames, registers: [registry] });

const waiting = {
  inbox: gauge('inbox_waiting', 'Rows that wait for delivery'),
  outbox: gauge('outbox_waiting', 'Messages that wait to be sent'),
  pages: gauge('pages_waiting', 'Pages that are tried and have not got through'),
};
const oldest = {
  inbox: gauge('inbox_oldest_seconds', 'Age of the oldest row that waits'),
  outbox: gauge('outbox_oldest_seconds', 'Age of the oldest message that waits'),
  pages: gauge('pages_oldest_seconds', 'For how long the oldest of these pages has been tried'),
};
const stalls = gauge('stalls', 'Workflows and activities that are tried again and again', ['of']);
const held = gauge('outbox_held', 'Messages that wait until this installation is mended', ['kind']);
const troubled = gauge('inbox_troubled', 'Rows that led nowhere and wait for somebody', ['state']);
const records = gauge('records', 'Records by kind and status', ['kind', 'status']);
const unarchived = gauge('histories_missing', 'Closed workflow runs whose history is not kept an hour later');

const incidents = gauge('incidents_open', 'Incidents that go on, without drills', ['severity', 'acknowledged']);
const unacknowledged = gauge('incidents_unacknowledged_seconds', 'For how long the oldest of them has had nobody');
const alerts = gauge('alerts_firing', 'Alerts that fire, by class', ['class']);
const approvals = {
  open: gauge('approvals_open', 'Approvals that wait for a decision'),
  oldest: gauge('approvals_oldest_seconds', 'For how long the oldest of them has waited'),
};
const signals = gauge('signals', 'Improvement signals by status', ['status']);

const ofObjective = ['objective', 'service'];
const objectives = {
  used: gauge('objective_budget_used_ratio', 'Share of the error budget that is used, 1 when all is', ofObjective),
  burn: gauge('objective_burn_rate', 'How many times as fast as evenly the budget is used', [...ofObjective, 'window']),
  data: gauge('objective_data_age_seconds', 'Age of the newest data of an objective', ofObjective),
  held: gauge('objective_holding', 'Whether its spent budget holds something up (1) or not (0)', ofObjective),
};

/** Seconds from accepting a row to its verdict. */
export const deliverySeconds = new Histogram({
  name: 'evenkeel_delivery_seconds',
  help: 'Seconds from accepting to the verdict',
  labelNames: ['kind'],
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
  registers: [registry],
});

interface Sources {
  stores: Pick<Stores, 'inbox' | 'outbox' | 'records' | 'stalls' | 'current'>;
  histories: Pick<HistoryStore, 'gaps'>;
  sdkMetricsPort: number | undefined;
}

/** Our own metrics, and the SDK's where this process serves them on a port of its own. */
export async function metricsOf({ stores, histories, sdkMetricsPort }: Sources): Promise<string> {
  const [inbox, trouble, outbox, pages, heldUp, counts, gaps, stalled, current] = await Promise.all([
    stores.inbox.depth(),
    stores.inbox.troubled(),
    stores.outbox.depth(),
    stores.outbox.pages(),
    stores.outbox.held(),
    stores.records.count(),
    histories.gaps(3_600_000),
    stores.stalls.count(),
    stores.current.read(),
  ]);
  waiting.inbox.set(inbox.waiting);
  oldest.inbox.set(inbox.oldestSeconds);
  waiting.outbox.set(outbox.waiting);
  oldest.outbox.set(outbox.oldestSeconds);
  waiting.pages.set(pages.waiting);
  oldest.pages.set(pages.oldestSeconds);
  unarchived.set(gaps.length);
  stalls.labels('workflows').set(stalled.workflows);
  stalls.labels('activities').set(stalled.activities);
  // Nothing held is said as well, so that an alarm ends.
  for (const kind of ['email', 'webhook', 'slack', 'teams', 'pagerduty', 'gateway', 'github', 'gate', 'statuspage'])
    held.labels(kind).set(heldUp.find((some) => some.kind === kind)?.count ?? 0);
  for (const { state, count } of trouble) troubled.labels(state).set(count);
  records.reset();
  for (const { kind, status, count } of counts) records.labels(kind, status).set(count);
  showCurrent(current);
  const sdk =
    sdkMetricsPort === undefined
      ? ''
      : await fetch(`http://127.0.0.1:${sdkMetricsPort}/metrics`, { signal: AbortSignal.timeout(2_000) }).then(
          (reply) => reply.text(),
          () => '',
        );
  return `${await registry.metrics()}\n${sdk}`;
}

/** What there is none of is said as well, so that an alarm ends. */
const showCurrent = (current: Current): void => {
  for (const severity of Severity.options)
    for (const acknowledged of [true, false]) {
      const some = current.incidents.find((of) => of.severity === severity && of.acknowledged === acknowledged);
      incidents.labels(severity, acknowledged ? 'yes' : 'no').set(some?.count ?? 0);
    }
  const nobodys = current.incidents.filter(({ acknowledged }) => !acknowledged);
  unacknowledged.set(Math.max(0, ...nobodys.map(({ oldestSeconds }) => oldestSeconds)));
  for (const name of EventClass.options)
    alerts.labels(name).set(current.alerts.find((some) => some.class === name)?.count ?? 0);
  approvals.open.set(current.approvals.count);
  approvals.oldest.set(current.approvals.oldestSeconds);
  for (const status of SignalStatus.options)
    signals.labels(status).set(current.signals.find((some) => some.status === status)?.count ?? 0);
  showObjectives(current.objectives);
};

/** Whatever nobody could measure yet has no value, and what is promised no longer is gone. */
const showObjectives = (all: Current['objectives']): void => {
  for (const each of Object.values(objectives)) each.reset();
  for (const { name, service, used, burnRates, dataSeconds, isHeld } of all) {
    if (used !== null) objectives.used.labels(name, service).set(used);
    for (const { window, burnRate } of burnRates)
      if (burnRate !== undefined) objectives.burn.labels(name, service, window).set(burnRate);
    objectives.data.labels(name, service).set(dataSeconds);
    objectives.held.labels(name, service).set(isHeld ? 1 : 0);
  }
};
