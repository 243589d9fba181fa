import { problemReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import { helpsTooSeldom } from '../../domain/problem/use.rules.ts';
import { notify } from '../notification/index.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'problems' | 'catalogue' | 'outbox' | 'kinds' | 'publicUrl'>;

/** Tells whoever answers for a known error that its workaround helps too seldom, once for each version of it. */
export async function reviewKnownErrors(ports: Ports): Promise<void> {
  const { problems } = ports;
  for (const { number, team, owner, knownError } of await problems.knownErrors()) {
    const { applied, restored } = await problems.useOf(number, knownError.runbook);
    if (!helpsTooSeldom({ applied, restored })) continue;
    await notify(ports, {
      key: `${problemWorkflowIdOf(number)}/known-error/${knownError.version}/review`,
      belongsTo: problemReference(number),
      to: owner === null ? { team } : { person: owner },
      notice: { reason: 'problem-workaround-weak', applied, restored },
    });
  }
}
