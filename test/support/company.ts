import { toYamlStream } from '../../domain/catalogue/write.ts';
import { type Document, type Kind, specs } from '../../domain/document.ts';
import { z } from 'zod';

type Spec<K extends Kind> = z.input<(typeof specs)[K]>;

/** A document of the catalogue, as it would be kept. */
export const document = <K extends Kind>(kind: K, name: string, spec: Spec<K>): Document => ({
  kind,
  name,
  labels: {},
  spec: specs[kind].parse(spec),
});

export interface Circumstances {
  target: string;
  template?: Partial<Spec<'PlanTemplate'>>;
  checks?: Spec<'ReadinessChecklist'>['checks'];
  policy?: Partial<Spec<'ApprovalPolicy'>>;
  steps?: Spec<'Runbook'>['steps'];
  runbooks?: Record<string, Spec<'Runbook'>['steps']>;
  window?: Partial<Spec<'MaintenanceWindow'>>;
  channel?: Spec<'NotificationChannel'>;
  plans?: Spec<'Service'>['plans'];
  /** What alerts of source `monitoring` mean. */
  alerts?: Spec<'Source'>['alerts'];
  escalation?: Spec<'EscalationPolicy'>;
  severities?: Spec<'SeverityPolicy'>;
  correlation?: Record<string, Omit<Spec<'CorrelationRule'>, 'team'>>;
  /** Further services of team shop, with what they depend on. */
  services?: Record<string, string[]>;
  windows?: Record<string, Spec<'MaintenanceWindow'>>;
  /** Runbooks that restore. */
  restoring?: Record<string, Spec<'Runbook'>>;
  heartbeat?: Partial<Spec<'Heartbeat'>>;
  channels?: Record<string, Spec<'NotificationChannel'>>;
  /** More about people, by name. */
  people?: Record<string, Partial<Spec<'Person'>>>;
  /** Words of team shop. */
  messages?: Spec<'Team'>['messages'];
  sources?: Record<string, Spec<'Source'>>;
  statusPages?: Record<string, Omit<Spec<'StatusPage'>, 'team'>>;
  /** What differs from an availability of 99.5 % over 28 days. */
  objective?: Partial<Spec<'SLO'>>;
  /** Where the metrics come from. */
  prometheus?: string;
  budgetRules?: Spec<'ErrorBudgetPolicy'>['rules'];
  /** Further plan templates. */
  templates?: Record<string, Spec<'PlanTemplate'>>;
  suppliers?: Record<string, Spec<'Supplier'>>;
  routines?: Record<string, Spec<'Routine'>>;
}

const query = (text: string) => ({ metricSource: { spec: { query: text } } });
/** An availability of 99.5 % over 28 days, of requests that Prometheus counts. */
export const availability: Spec<'SLO'> = {
  service: 'checkout',
  indicator: {
    metadata: { name: 'checkout-requests' },
    spec: { ratioMetric: { bad: query('bad'), total: query('total') } },
  },
  timeWindow: [{ duration: '28d', isRolling: true }],
  budgetingMethod: 'Occurrences',
  objectives: [{ target: 0.995 }],
};

/** A check that somebody has to state. */
export const stated = (severity: 'blocker' | 'minor'): Spec<'ReadinessChecklist'>['checks'][number] => ({
  id: 'OPS-2',
  title: 'Somebody knows it',
  level: 'C',
  severity,
  evidence: { kind: 'attestation', statement: 'It is known' },
});

/** A step that does something at the target and can be undone. */
export const act = (
  name: string,
  more: Partial<Extract<Spec<'Runbook'>['steps'][number], { kind: 'http' }>> = {},
): Spec<'Runbook'>['steps'][number] => ({
  name,
  kind: 'http',
  url: `{{environment.url}}/${name}`,
  undo: { kind: 'http', method: 'DELETE', url: `{{environment.url}}/${name}` },
  ...more,
});

/**
 * A small company: team `shop` with ana and ben (approvers), cid (operator), dan (responder), vic (viewer); team `other`
 * with eva; service `checkout` in `production`, whose deployments run one runbook. A story changes what it is about.
 */
export function company({
  target,
  template,
  checks,
  policy,
  steps,
  runbooks = {},
  window,
  channel,
  plans = { deployment: 'release', rollback: 'release' },
  alerts = {},
  escalation,
  severities,
  correlation = {},
  services = {},
  windows = {},
  restoring = {},
  heartbeat,
  channels = {},
  people: known = {},
  messages,
  sources = {},
  statusPages = {},
  objective,
  prometheus = target,
  budgetRules,
  templates = {},
  suppliers = {},
  routines = {},
}: Circumstances): Document[] {
  const people = ['ana', 'ben', 'cid', 'dan', 'vic', 'eva', 'aud'];
  return [
    ...people.map((name) =>
      document('Person', name, {
        name,
        email: `${name}@example.org`,
        ...(name === 'aud' ? { auditor: true } : {}),
        ...(name === 'ana' ? { logins: { github: ['ana-k'] } } : {}),
        ...known[name],
      }),
    ),
    document('Team', 'shop', {
      members: [
        { person: 'ana', role: 'approver' },
        { person: 'ben', role: 'approver' },
        { person: 'cid', role: 'operator' },
        { person: 'dan', role: 'responder' },
        { person: 'vic', role: 'viewer' },
      ],
      ...(messages && { messages }),
      ...(escalation && { escalation: 'ladder' }),
      ...(severities && { severityPolicy: 'severities' }),
    }),
    ...(escalation ? [document('EscalationPolicy', 'ladder', escalation)] : []),
    ...(severities ? [document('SeverityPolicy', 'severities', severities)] : []),
    ...Object.entries(correlation).map(([name, rule]) => document('CorrelationRule', name, { ...rule, team: 'shop' })),
    ...Object.entries(windows).map(([name, spec]) => document('MaintenanceWindow', name, spec)),
    ...Object.entries(services).map(([name, dependsOn]) =>
      document('Service', name, { description: name, owner: 'shop', dependsOn }),
    ),
    // Nobody has been on call in it yet.
    ...(escalation
      ? [
          document('Schedule', 'empty', {
            zone: 'UTC',
            layers: [{ start: '2199-01-01T00:00', turn: { every: 1, unit: 'weeks' }, people: ['vic'] }],
          }),
        ]
      : []),
    document('Team', 'other', { members: [{ person: 'eva', role: 'admin' }] }),
    document('Environment', 'production', { production: true, variables: { url: target } }),
    document('Service', 'checkout', {
      description: 'Takes the money',
      owner: 'shop',
      slo: 'checkout-availability',
      plans,
      stakeholders: ['shop-mail', ...(channel ? ['hook'] : [])],
    }),
    document('DataSource', 'prometheus', { type: 'Prometheus', connectionDetails: { url: prometheus } }),
    document('SLO', 'checkout-availability', { ...availability, ...objective }),
    ...(budgetRules ? [document('ErrorBudgetPolicy', 'budgets', { rules: budgetRules })] : []),
    document('Service', 'orphan', { description: 'Has no plan', owner: 'shop' }),
    document('Source', 'github', {
      format: 'github',
      team: 'shop',
      secrets: ['github'],
      mappings: [{ from: 'Codertocat/Hello-World', to: { service: 'checkout', environment: 'production' } }],
    }),
    document('Source', 'events', {
      format: 'cloudevents',
      team: 'shop',
      secrets: ['events'],
      acceptsBatches: true,
      allowedOrigins: ['ci.example.org'],
      mappings: [{ from: '*', to: { service: 'checkout', environment: 'production' } }],
    }),
    document('Source', 'monitoring', {
      format: 'alertmanager',
      team: 'shop',
      secrets: ['events'],
      alerts: { environment: { default: 'production' }, ...alerts },
    }),
    ...(['prometheus', 'grafana', 'kubernetes'] as const).map((format) =>
      document('Source', format === 'kubernetes' ? 'cluster' : format, {
        format,
        team: 'shop',
        secrets: ['events'],
        alerts: { environment: { default: 'production' } },
      }),
    ),
    document('Source', 'pager', {
      format: 'pagerduty',
      team: 'shop',
      secrets: ['events'],
      alerts: {
        service: { names: { 'shop-api': 'checkout' }, default: 'checkout' },
        environment: { default: 'production' },
      },
    }),
    document('Source', 'own', { format: 'events', team: 'shop', secrets: ['events'] }),
    document('Source', 'pages', { format: 'pagerduty-webhook', team: 'shop', secrets: ['events'] }),
    document('Heartbeat', 'backup', {
      team: 'shop',
      every: '24h',
      grace: '1h',
      secrets: ['events'],
      service: 'checkout',
      environment: 'production',
      ...heartbeat,
    }),
    document('Source', 'slack', { format: 'slack', team: 'shop', secrets: ['events'] }),
    document('NotificationChannel', 'shop-mail', { type: 'email', to: ['shop@example.org'] }),
    ...(channel ? [document('NotificationChannel', 'hook', channel)] : []),
    ...Object.entries(channels).map(([name, spec]) => document('NotificationChannel', name, spec)),
    ...Object.entries(sources).map(([name, spec]) => document('Source', name, spec)),
    ...Object.entries(statusPages).map(([name, spec]) => document('StatusPage', name, { ...spec, team: 'shop' })),
    document('ReadinessChecklist', 'basics', {
      checks: checks ?? [
        {
          id: 'OBS-1',
          title: 'It answers',
          level: 'C',
          severity: 'blocker',
          evidence: { kind: 'http', url: '{{environment.url}}/health' },
        },
      ],
    }),
    document('ApprovalPolicy', 'second-person', {
      stages: [{ approvers: [{ team: 'shop' }] }],
      timeout: '4h',
      ...policy,
    }),
    document('MaintenanceWindow', 'window', { zone: 'Europe/Berlin', opens: '0 * * * *', lasts: '1h', ...window }),
    document('Runbook', 'work', { steps: steps ?? [act('one'), act('two')] }),
    ...Object.entries(runbooks).map(([name, given]) => document('Runbook', name, { steps: given })),
    ...Object.entries(restoring).map(([name, spec]) => document('Runbook', name, spec)),
    ...Object.entries(suppliers).map(([name, spec]) => document('Supplier', name, spec)),
    ...Object.entries(templates).map(([name, spec]) => document('PlanTemplate', name, spec)),
    ...Object.entries(routines).map(([name, spec]) => document('Routine', name, spec)),
    document('PlanTemplate', 'release', {
      checklists: { A: 'basics', B: 'basics', C: 'basics' },
      activities: [{ name: 'work', runbook: 'work' }],
      ...template,
    }),
  ];
}

export const asFiles = (documents: readonly Document[]) => [{ path: 'company.yaml', text: toYamlStream(documents) }];
