import { stepsOf } from '../domain/catalogue/step.ts';
import type { Finding, HeaderValue } from '../domain/evidence.ts';
import type { PlanTemplateSpec } from '../domain/plan-template.ts';
import type { ReadinessCheck } from '../domain/readiness.ts';
import type { SingleStep } from '../domain/runbook.ts';
import { type Circumstances, documentAt } from './circumstances.ts';
import { programIn } from './executors/command.ts';
import { wantedOf } from './plan-content.ts';
import type { ActivityPorts } from './ports.ts';

/** Part of every review of a plan whose runbooks need something of this installation; nobody has to write it. */
export const resourceCheck = {
  id: 'EVENKEEL-1',
  title: 'Secrets and programs that the runbooks use are there',
  level: 'C',
  severity: 'blocker',
} as const satisfies Partial<ReadinessCheck>;

/**
 * Looks for the secrets and programs of all runbooks that the plan may run: what is missing is known before people are
 * asked, not after they have approved. Undefined when the runbooks need none.
 */
export async function findResources(
  circumstances: Circumstances,
  template: PlanTemplateSpec,
  checks: readonly ReadinessCheck[],
  { catalogue, secrets, programsFolder }: Pick<ActivityPorts, 'catalogue' | 'secrets' | 'programsFolder'>,
): Promise<Omit<Finding, 'at'> | undefined> {
  const runbooks = new Set([
    ...wantedOf(template, circumstances).flatMap(({ runbook = [], undo = [] }) => [runbook, undo].flat()),
    ...checks.flatMap(({ remediation = [] }) => remediation),
  ]);
  const missing: string[] = [];
  let needed = 0;
  for (const name of runbooks) {
    const runbook = await documentAt(catalogue, 'Runbook', name, circumstances.revision);
    for (const { step } of stepsOf(runbook)) {
      const place = `runbook ${name}, step ${step.name}`;
      for (const secret of secretsOf(step)) {
        needed += 1;
        if ((await secrets.get(secret)) === undefined) missing.push(`there is no secret ${secret} (${place})`);
      }
      for (const program of programsOf(step)) {
        needed += 1;
        if (programsFolder === undefined || (await programIn(programsFolder, program)) === undefined)
          missing.push(`there is no program ${program} (${place})`);
      }
    }
  }
  if (needed === 0) return undefined;
  return missing.length === 0
    ? { result: 'pass', detail: 'all are there' }
    : { result: 'fail', detail: missing.join('; ').slice(0, 1000) };
}

const secretsOf = (step: SingleStep): string[] => {
  const evidence = step.kind === 'check' ? step.evidence : undefined;
  return [step, step.undo, evidence].flatMap((part) => (part?.kind === 'http' ? secretsIn(part.headers) : []));
};

const secretsIn = (headers: Readonly<Record<string, HeaderValue>>): string[] =>
  Object.values(headers).flatMap((value) => (typeof value === 'string' ? [] : [value.secret]));

const programsOf = (step: SingleStep): string[] =>
  [step, step.undo].flatMap((part) => (part?.kind === 'command' ? [part.program] : []));
