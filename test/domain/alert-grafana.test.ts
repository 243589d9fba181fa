import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGrafana } from '../../domain/alert/grafana.ts';
import {
  anyInstant,
  anyLink,
  anyText,
  anyTexts,
  bodyOf,
  isReadOrRefused,
  mostly,
  receivedAt,
  withMark,
} from './alert-body.ts';

const firing = {
  status: 'firing',
  labels: { alertname: 'Queue is long', severity: 'warning', grafana_folder: 'Checkout' },
  annotations: { summary: 'The queue of orders grows' },
  startsAt: '2026-11-28T10:14:00+01:00',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'https://grafana.example/alerting/grafana/a1/view',
  fingerprint: 'c6eadffa33fcdf37',
  silenceURL: 'https://grafana.example/alerting/silence/new',
  dashboardURL: 'https://grafana.example/d/orders',
  panelURL: 'https://grafana.example/d/orders?viewPanel=2',
  values: { B: 42.5, C: 1 },
  valueString: "[ var='B' labels={} value=42.5 ]",
  ruleUID: 'a1',
  enrichments: { anything: [{}] },
  embeddedImage: 'iVBORw0KGgo=',
};
const envelope = (alerts: unknown, more: object = {}) => ({
  receiver: 'evenkeel',
  status: 'firing',
  orgId: 1,
  alerts,
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'https://grafana.example/',
  appVersion: '12.3.0',
  version: '1',
  groupKey: '{}',
  truncatedAlerts: 0,
  title: '[FIRING:1] Queue is long',
  state: 'alerting',
  message: '**Firing**',
  ...more,
});
const read = (alerts: unknown, more?: object) => readGrafana(bodyOf(envelope(alerts, more)), receivedAt);
const readOne = (changed: object) => read([{ ...firing, ...changed }]).alerts[0];

describe('Grafana tells', () => {
  test('that an alert fires, with what was measured', () => {
    expect(read([firing])).toEqual({
      alerts: [
        {
          key: 'c6eadffa33fcdf37',
          status: 'firing',
          title: 'The queue of orders grows',
          severity: 'warning',
          startedAt: '2026-11-28T09:14:00.000Z',
          labels: firing.labels,
          annotations: {
            summary: 'The queue of orders grows',
            values: 'B=42.5, C=1',
            valueString: "[ var='B' labels={} value=42.5 ]",
          },
          link: firing.generatorURL,
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test('that it is resolved', () => {
    expect(readOne({ status: 'resolved', endsAt: '2026-11-28T09:20:00Z' })).toMatchObject({
      status: 'resolved',
      endedAt: '2026-11-28T09:20:00.000Z',
    });
  });

  test('the same in a group that has another state', () => {
    expect(read([firing], { status: 'resolved', state: 'ok' }).alerts).toMatchObject([{ status: 'firing' }]);
  });

  test('the identity of an alert, which its labels no longer make as some of them were private', () => {
    expect(readOne({ labels: {} })?.key).toBe(readOne({})?.key);
  });

  test('the same with a byte order mark', () => {
    expect(readGrafana(withMark(bodyOf(envelope([firing]))), receivedAt)).toEqual(read([firing]));
  });

  test.each(['DatasourceNoData', 'DatasourceError'])('of itself that it does not see: %s', (alertname) => {
    const labels = { alertname, rulename: 'Queue is long', datasource_uid: 'p1' };

    expect(readOne({ labels })).toMatchObject({ isMonitoringGap: true, title: `${alertname}: Queue is long` });
    expect(readOne({})).not.toHaveProperty('isMonitoringGap');
  });

  test.each([
    ['the rule', {}, firing.generatorURL],
    ['else the dashboard', { generatorURL: '' }, firing.dashboardURL],
    ['else the panel', { generatorURL: 'javascript:alert(1)', dashboardURL: '' }, firing.panelURL],
    [
      'else nothing, for a silence is no page about it',
      { generatorURL: '', dashboardURL: '', panelURL: '' },
      undefined,
    ],
  ])('where to look: %s', (_, links, link) => {
    expect(readOne(links)?.link).toBe(link);
  });

  test.each([[null], ['odd'], [{ B: null }], [undefined]])(
    'nothing of what was measured where values are %j',
    (values) => {
      expect(readOne({ values })?.annotations).not.toHaveProperty('values');
    },
  );

  test('that somebody pressed the button for a test', () => {
    const labels = { alertname: 'TestAlert', instance: 'Grafana' };

    expect(read([{ ...firing, labels }])).toMatchObject({
      alerts: [{ status: 'firing', labels }],
      notes: ['this looks like the test of a contact point'],
    });
  });

  test('how many alerts it left out', () => {
    expect(read([firing], { truncatedAlerts: 2 }).notes).toEqual(['the sender left out 2 alerts: unset Max Alerts']);
  });

  test('what can be read, also beside what cannot', () => {
    const { alerts, notes } = read([{ ...firing, fingerprint: 7 }, firing]);

    expect(alerts).toMatchObject([{ key: firing.fingerprint }]);
    expect(notes).toEqual([expect.stringMatching(/^alerts\.0: fingerprint: /)]);
  });
});

test.each([
  ['a custom payload', { anything: true }],
  ["Alertmanager's webhook", envelope([firing], { version: '4' })],
  ['a list', []],
])('%s is refused by the name of the setting', (_, body) => {
  expect(() => readGrafana(bodyOf(body), receivedAt)).toThrow('Grafana Alerting, version 1: leave the custom payload');
});

test('whatever comes in such a body is read or refused', () => {
  const alert = fc.record({
    status: mostly(fc.constantFrom('firing', 'resolved')),
    labels: anyTexts,
    annotations: anyTexts,
    startsAt: anyInstant,
    endsAt: anyInstant,
    generatorURL: anyLink,
    dashboardURL: anyLink,
    panelURL: anyLink,
    values: anyTexts,
    valueString: mostly(anyText),
    fingerprint: mostly(anyText),
  });
  const body = fc.record({ version: fc.constant('1'), alerts: fc.array(mostly(alert)) });

  fc.assert(
    fc.property(mostly(body), (written) => {
      expect(isReadOrRefused(() => readGrafana(bodyOf(written), receivedAt))).toBe(true);
    }),
  );
});
