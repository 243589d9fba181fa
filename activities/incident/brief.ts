import type { ActivityPorts } from '../ports.ts';
import { stepLines } from '../step-lines.ts';
import { orderedRunbook } from './restore.ts';

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
