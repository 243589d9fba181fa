import type { PlanId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import type { ActivityPorts } from '../ports.ts';
import type { RecordKind, Report } from '../record-kind.ts';
import { knownPlan } from './circumstances.ts';
import { completionMarkdown, type CompletionReport } from './completion.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans' | 'runs' | 'approvals' | 'readiness' | 'outbox'>;

/** The report of a plan's end, or of how it stands in the words of its owner. */
export async function planReport(
  ports: Ports,
  id: PlanId,
  ask: Parameters<RecordKind['reportOf']>[1],
): Promise<Report> {
  const { record, team, commission } = await knownPlan(ports.plans, id);
  if (!record) throw new DomainError('not-found', `plan ${id} has not begun`);
  const { service, environment, catalogueRevision } = commission;
  const { status } = record;
  const stakeholders = (await ports.catalogue.find('Service', service, catalogueRevision))?.stakeholders ?? [];
  const path = `/v1/operation-plans/${id}/reports`;
  const about = { event: 'evenkeel.operation-plan', path, status, team, stakeholders, catalogueRevision };
  if (ask.kind === 'status')
    return {
      ...about,
      title: `Status: ${service} in ${environment}`,
      markdown: `# Status of ${service} in ${environment}\n\nPlan \`${id}\` is ${status}.\n\n${ask.text}\n`,
      data: { plan: id, status, text: ask.text },
    };
  const data = await completionOf(record, ports);
  const title = `Operation plan ${status}: ${service} in ${environment}`;
  return { ...about, title, markdown: completionMarkdown(data), data };
}

const completionOf = async (plan: OperationPlan, ports: Ports): Promise<CompletionReport> => {
  const belongsTo = planReference(plan.id);
  return {
    plan,
    review: plan.readiness ? ((await ports.readiness.review(plan.readiness.review)) ?? null) : null,
    runs: await ports.runs.of(belongsTo),
    approvals: await ports.approvals.of(belongsTo),
    effects: await ports.outbox.of(belongsTo),
  };
};
