import { planId as planIdOf, planReference, runId } from '../support/id.ts';
import type { ShownPlan } from '../../cli/plan-view.ts';
import type { PlanFacts, PlanActivity } from '../../domain/operation-plan.ts';
import type { RunWithTries } from '../../domain/step-try.ts';

export const planId = planIdOf('web.production.0123456789abcdef');
const openedAt = '2026-01-01T10:00:00.000Z';

export const anActivity = (name: string, more: Partial<PlanActivity> = {}): PlanActivity => ({
  name,
  origin: 'template',
  after: [],
  kind: 'runbook',
  runbook: `${name}-runbook`,
  title: name,
  durationMs: 60_000,
  environment: 'exclusive',
  hasUndo: true,
  status: 'planned',
  round: 1,
  ...more,
});

export const aRecord = (more: Partial<PlanFacts> = {}): PlanFacts => ({
  id: planId,
  workflowId: 'operation-plan/web/production/0123456789abcdef',
  service: 'web',
  environment: 'production',
  team: 'shop',
  trigger: { key: 'k', type: 'deployment', artifact: 'abc123', source: 'github', requester: 'ana' },
  template: 'release',
  parameters: {},
  catalogueRevision: 1,
  status: 'running',
  rev: 7,
  paused: false,
  isCancelling: false,
  openedAt,
  revision: 1,
  dropped: [],
  activities: [anActivity('announce', { after: ['roll-out'] }), anActivity('roll-out', { status: 'running' })],
  criticalPath: ['roll-out', 'announce'],
  criticalPathMs: 120_000,
  needMs: 180_000,
  assignments: [],
  tasks: [],
  isGateOpen: true,
  hasWindow: true,
  deviations: [],
  ...more,
});

export const aPlan = (more: Partial<PlanFacts> = {}): ShownPlan => {
  const record = aRecord(more);
  const { id, service, environment, team, status, rev, paused } = record;
  return {
    id,
    service,
    environment,
    team,
    about: 'abc123',
    status,
    rev,
    openedAt,
    updatedAt: openedAt,
    paused,
    record,
    stalls: [],
  };
};

export const aRun = (steps: RunWithTries['steps'], more: Partial<RunWithTries> = {}): RunWithTries => ({
  id: runId(`plan.${planId}.run.roll-out.1`),
  workflowId: 'run/1',
  belongsTo: planReference(planId),
  revision: 1,
  activity: 'roll-out',
  runbook: 'roll-out-runbook',
  purpose: 'run',
  status: 'running',
  rev: 1,
  paused: false,
  isCancelling: false,
  steps,
  tasks: [],
  startedAt: openedAt,
  ...more,
});

export const aStep = (
  name: string,
  status: RunWithTries['steps'][number]['status'],
  more: Partial<RunWithTries['steps'][number]> = {},
): RunWithTries['steps'][number] => ({
  name,
  kind: 'http',
  status,
  hasUndo: false,
  round: 1,
  undoRound: 1,
  tries: [],
  ...more,
});
