import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardBuilder, DatasourceVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

const folder = join(import.meta.dirname, '..', 'deploy', 'grafana');
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** A figure, or a line for each `by`; `unit` is one of Grafana's. */
interface Look {
  title: string;
  expr: string;
  unit?: string;
  by?: string;
}

const queryOf = ({ expr, by }: Look): DataqueryBuilder => {
  const query = new DataqueryBuilder().expr(expr).datasource(datasource).refId('A');
  return by === undefined ? query : query.legendFormat(by);
};

const figure = (look: Look): StatBuilder =>
  new StatBuilder()
    .title(look.title)
    .datasource(datasource)
    .unit(look.unit ?? 'short')
    .withTarget(queryOf(look))
    .height(4)
    .span(6);

const lines = (look: Look): TimeseriesBuilder =>
  new TimeseriesBuilder()
    .title(look.title)
    .datasource(datasource)
    .unit(look.unit ?? 'short')
    .min(0)
    .withTarget(queryOf(look))
    .height(8)
    .span(12);

const dashboard = (
  uid: string,
  title: string,
  panels: readonly (StatBuilder | TimeseriesBuilder)[],
): DashboardBuilder =>
  panels.reduce(
    (made, panel) => made.withPanel(panel),
    new DashboardBuilder(title)
      .uid(uid)
      .tags(['evenkeel'])
      .time({ from: 'now-24h', to: 'now' })
      .refresh('1m')
      .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus')),
  );

const [unit, by] = ['percentunit', '{{objective}}'];
/** Each API process says the same of an objective. */
const ofEach = (name: string): string => `max by (objective, service) (evenkeel_objective_${name})`;

const dashboards = {
  operations: dashboard('evenkeel-operations', 'Evenkeel: operations', [
    figure({ title: 'Incidents that go on', expr: 'sum(max by (severity, acknowledged) (evenkeel_incidents_open))' }),
    figure({
      title: 'Nobody has had the oldest for',
      expr: 'max(evenkeel_incidents_unacknowledged_seconds)',
      unit: 's',
    }),
    figure({ title: 'Approvals that wait', expr: 'max(evenkeel_approvals_open)' }),
    figure({ title: 'Signals without an answer', expr: 'max(evenkeel_signals{status="open"})' }),
    lines({
      title: 'Incidents that go on, by severity',
      expr: 'sum by (severity) (max by (severity, acknowledged) (evenkeel_incidents_open))',
      by: '{{severity}}',
    }),
    lines({ title: 'Alerts that fire, by class', expr: 'max by (class) (evenkeel_alerts_firing)', by: '{{class}}' }),
    lines({
      title: 'Operation plans by status',
      expr: 'max by (status) (evenkeel_records{kind="plan"})',
      by: '{{status}}',
    }),
    lines({
      title: 'Problems by status',
      expr: 'max by (status) (evenkeel_records{kind="problem"})',
      by: '{{status}}',
    }),
    lines({ title: 'The oldest approval waits for', expr: 'max(evenkeel_approvals_oldest_seconds)', unit: 's' }),
    lines({ title: 'Improvement signals', expr: 'max by (status) (evenkeel_signals)', by: '{{status}}' }),
  ]),
  objectives: dashboard('evenkeel-objectives', 'Evenkeel: objectives', [
    figure({
      title: 'Budgets that are spent',
      expr: `count(${ofEach('budget_used_ratio')} > 1) or vector(0)`,
    }),
    figure({
      title: 'Objectives that hold something up',
      expr: `sum(${ofEach('holding')})`,
    }),
    figure({ title: 'Most of a budget that is used', expr: 'max(evenkeel_objective_budget_used_ratio)', unit }),
    figure({ title: 'Oldest data', expr: 'max(evenkeel_objective_data_age_seconds)', unit: 's' }),
    lines({
      title: 'Budgets by use, the 15 most used',
      expr: `topk(15, ${ofEach('budget_used_ratio')})`,
      unit,
      by,
    }),
    lines({
      title: 'Burn rate of the last hour, the 15 highest',
      expr: `topk(15, max by (objective, service) (evenkeel_objective_burn_rate{window="1h"}))`,
      by,
    }),
    lines({
      title: 'Burn rate by window, the highest',
      expr: 'max by (window) (evenkeel_objective_burn_rate)',
      by: '{{window}}',
    }),
    lines({ title: 'Age of the data, the 15 oldest', expr: `topk(15, ${ofEach('data_age_seconds')})`, unit: 's', by }),
    lines({ title: 'What spent budgets hold up', expr: `${ofEach('holding')} > 0`, by }),
  ]),
  installation: dashboard('evenkeel-installation', 'Evenkeel: the installation', [
    figure({ title: 'Waits for delivery', expr: 'max(evenkeel_inbox_waiting)' }),
    figure({ title: 'The oldest waits for', expr: 'max(evenkeel_inbox_oldest_seconds)', unit: 's' }),
    figure({ title: 'Pages that have not got through', expr: 'max(evenkeel_pages_waiting)' }),
    figure({ title: 'Histories that are missing', expr: 'max(evenkeel_histories_missing)' }),
    lines({
      title: 'From acceptance to verdict, 95 % within',
      expr: 'histogram_quantile(0.95, sum by (le, kind) (rate(evenkeel_delivery_seconds_bucket[5m])))',
      unit: 's',
      by: '{{kind}}',
    }),
    lines({ title: 'Messages that wait', expr: 'max(evenkeel_outbox_waiting)' }),
    lines({ title: 'Messages held, by kind', expr: 'max by (kind) (evenkeel_outbox_held)', by: '{{kind}}' }),
    lines({ title: 'Stalled', expr: 'max by (of) (evenkeel_stalls)', by: '{{of}}' }),
    lines({ title: 'Rows that led nowhere', expr: 'max by (state) (evenkeel_inbox_troubled)', by: '{{state}}' }),
    lines({
      title: 'Memory of each process',
      expr: 'evenkeel_process_resident_memory_bytes',
      unit: 'bytes',
      by: '{{instance}}',
    }),
  ]),
};

/** Each dashboard as its file has it, by the path of the file. */
export const dashboardFiles = (): { path: string; text: string }[] =>
  Object.entries(dashboards).map(([name, builder]) => ({
    path: join(folder, `${name}.json`),
    text: `${JSON.stringify(builder.build(), null, 2)}\n`,
  }));

if (import.meta.main) for (const { path, text } of dashboardFiles()) writeFileSync(path, text);
