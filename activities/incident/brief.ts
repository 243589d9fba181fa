import type { Incident } from '../../domain/incident.ts';
import type { ActivityPorts } from '../ports.ts';
import { stepLines } from '../step-lines.ts';
import { orderedRunbook } from './restore.ts';

/** How an incident stands: what it is about, since when, who has it, and what the last runbook came to. */
export const factLines = (incident: Incident): string[] => {
  const { severity, status, service, environment, open, assignee, runbooks } = incident;
  const place = [service, ...(environment === undefined ? [] : [`in ${environment}`])].join(' ');
  const since = open.findLast(({ until }) => until === undefined)?.from;
  const last = runbooks.at(-1);
  return [
    [severity, status, ...(service === undefined ? [] : [place])].join(', '),
    ...(since === undefined ? [] : [`Felt since ${since}`]),
    assignee === undefined || assignee === 'evenkeel' ? 'Nobody is assigned' : `Assigned to ${assignee}`,
    ...(last?.outcome === undefined ? [] : [`Runbook ${last.runbook} ${last.status}: ${last.outcome}`]),
  ];
};

/** What whoever decides on the runbook with this digest has to know, line by line, as it was ordered. */
export async function restorationBrief(
  ports: Pick<ActivityPorts, 'catalogue' | 'incidents'>,
  incident: number,
  digest: string,
): Promise<string[]> {
  const found = await ports.incidents.restorationBy(incident, digest);
  if (!found) return [];
  const { restoration, spec, circumstances } = await orderedRunbook(ports, incident, found.number);
  const { runbook, service, environment } = restoration;
  const { strategy, verify, within } = spec.restores ?? {};
  return [
    `Runbook: ${runbook}${strategy === undefined ? '' : ` (${strategy})`}, on ${service} in ${environment}`,
    ...stepLines(spec.steps, circumstances, `restore-${found.number}`),
    verify === undefined
      ? 'The end of all alerts shows whether it has helped.'
      : `Verified by ${verify.kind} evidence within ${within}.`,
  ];
}
