import type { Evidence } from '../../domain/metric/evidence.ts';
import type { IncidentObservation, PlanObservation } from '../../domain/metric/observation.ts';
import { clockTermsOf } from '../../domain/incident/clock.ts';
import { SeverityPolicySpec } from '../../domain/severity-policy.ts';

/** A service in October 2026, as metrics see it: an incident and a plan that a story changes in what it is about. */
export const start = Date.UTC(2026, 9, 1);
export const at = (minutes: number): number => start + minutes * 60_000;
export const dated = (minutes: number): string => new Date(at(minutes)).toISOString();
export const days = (count: number): number => count * 1_440;

let number = 0;
export const incident = (known: Partial<IncidentObservation> = {}): IncidentObservation => ({
  number: (number += 1),
  kind: 'real',
  isPrivate: false,
  status: 'closed',
  team: 'shop',
  service: 'checkout',
  environment: 'production',
  severity: 'SEV-2',
  detectedBy: 'alert',
  openedAt: at(0),
  detectedAt: at(0),
  open: [],
  pauses: [],
  reopened: 0,
  alerts: 1,
  assignees: [],
  actions: [],
  ...known,
});

/** Impact at an instant, the other times in minutes after it. */
export const lasting = (
  from: number,
  detect: number,
  ack: number,
  mitigate: number,
  restore: number,
  resolve: number,
) =>
  incident({
    impactAt: at(from),
    detectedAt: at(from + detect),
    notifiedAt: at(from + detect),
    acknowledgedAt: at(from + ack),
    mitigatedAt: at(from + mitigate),
    restoredAt: at(from + restore),
    resolvedAt: at(from + resolve),
    open: [{ from: at(from), until: at(from + restore) }],
  });

export const plan = (known: Partial<PlanObservation> = {}): PlanObservation => ({
  id: `p${(number += 1)}`,
  status: 'completed',
  team: 'shop',
  service: 'checkout',
  environment: 'production',
  trigger: 'deployment',
  openedAt: at(0),
  startedAt: at(0),
  endedAt: at(10),
  needMs: 600_000,
  conditions: [],
  activities: [],
  tasks: [],
  ...known,
});

export const evidence = (known: Partial<Evidence> = {}): Evidence => ({
  period: { from: start, until: start + days(30) * 60_000 },
  now: start + days(31) * 60_000,
  incidents: [],
  earlier: [],
  later: [],
  needed: [],
  measured: [],
  plans: [],
  pages: [],
  alerts: { events: 0, alerts: 0, keptSince: undefined },
  ratings: [],
  actions: [],
  problems: new Map(),
  clusters: new Map(),
  watches: [],
  service: 'checkout',
  maintenance: [],
  termsOf: () => clockTermsOf(SeverityPolicySpec.parse({}), undefined, undefined),
  workedMinutes: 0,
  productionOf: (environment) => environment === 'production',
  needsOf: () => ({ all: [], oneOf: [] }),
  dependenciesOf: () => [],
  ...known,
});
