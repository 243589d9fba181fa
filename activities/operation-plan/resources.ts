import { fill, fillUrl } from '../../domain/catalogue/placeholder.ts';
import { templatesOf, type Written } from '../../domain/catalogue/annotated.ts';
import type { Finding } from '../../domain/evidence.ts';
import type { Headers } from '../../domain/http-target.ts';
import { secretVariableOf } from '../../domain/identifiers.ts';
import type { PlanTemplateSpec } from '../../domain/plan-template.ts';
import { type ReadinessCheck, resourceCheckId } from '../../domain/readiness.ts';
import { groupsOf, type SingleStep } from '../../domain/runbook.ts';
import { type Circumstances, documentAt, placeholderValues } from '../../domain/circumstances.ts';
import type { PlanCircumstances } from './circumstances.ts';
import { programIn } from '../executors/command.ts';
import { missingInterpreter } from '../executors/interpreter.ts';
import { wantedOf } from './content.ts';
import type { ActivityPorts } from '../ports.ts';
import { unlessRefused } from '../refusal.ts';

/** Part of every review of a plan whose work needs something of this installation; nobody has to write it. */
export const resourceCheck = {
  id: resourceCheckId,
  title: 'Secrets, programs and variables that the work uses are there',
  level: 'C',
  severity: 'blocker',
} as const satisfies Partial<ReadinessCheck>;

/**
 * Looks for the secrets, programs and variables of all that the plan may run: what is missing is known before people are
 * asked, not after they have approved. Undefined when the runbooks need no secret and no program, and no variable lacks.
 */
export async function findResources(
  circumstances: PlanCircumstances,
  template: PlanTemplateSpec,
  checks: readonly ReadinessCheck[],
  { catalogue, secrets, programsFolder }: Pick<ActivityPorts, 'catalogue' | 'secrets' | 'programsFolder'>,
): Promise<Omit<Finding, 'at'> | undefined> {
  const activities = wantedOf(template, circumstances);
  const runbooks = new Set([
    ...activities.flatMap(({ runbook = [], undo = [] }) => [runbook, undo].flat()),
    ...checks.flatMap(({ remediation = [] }) => remediation),
  ]);
  const tasks = templatesOf({ kind: 'PlanTemplate', spec: { ...template, activities } });
  const unfit = await unfilled(tasks, `plan template ${circumstances.template}`, circumstances);
  const mendProgram =
    programsFolder === undefined
      ? 'EVENKEEL_PROGRAMS_DIR names no folder'
      : 'it belongs into the folder of EVENKEEL_PROGRAMS_DIR';
  const absent: string[] = [];
  let needed = 0;
  for (const name of runbooks) {
    const runbook = await documentAt(catalogue, 'Runbook', name, circumstances.revision);
    const texts = templatesOf({ kind: 'Runbook', spec: runbook });
    unfit.push(...(await unfilled(texts, `runbook ${name}`, circumstances)));
    for (const step of groupsOf(runbook.steps).flat()) {
      const place = `runbook ${name}, step ${step.name}`;
      for (const secret of secretsOf(step)) {
        needed += 1;
        if ((await secrets.get(secret)) === undefined)
          absent.push(
            `there is no secret ${secret} (${place}): ${secretVariableOf(secret)} or the file ${secret} of the secrets folder`,
          );
      }
      for (const program of programsOf(step)) {
        needed += 1;
        const path = programsFolder && (await programIn(programsFolder, program));
        const unfitFor = path ? await missingInterpreter(path) : undefined;
        if (!path) absent.push(`there is no program ${program} that may be run (${place}): ${mendProgram}`);
        else if (unfitFor !== undefined) absent.push(`program ${program} cannot be started (${place}): ${unfitFor}`);
      }
    }
  }
  if (needed + unfit.length === 0) return undefined;
  if (absent.length + unfit.length === 0) return { result: 'pass', detail: 'all are there' };
  const { plan, revision } = circumstances;
  const mend =
    unfit.length > 0
      ? `this plan keeps revision ${revision} of the catalogue: mend and apply, cancel it, and deploy anew`
      : `then: evenkeel plan reassess ${plan} --reason "…"`;
  return { result: 'fail', detail: `${shortened([...unfit, ...absent])}; ${mend}` };
}

/** A plan shows the first hundreds of characters; what to do is among them. */
const shortened = (missing: readonly string[]): string => {
  const listed = missing.filter((_, at) => missing.slice(0, at + 1).join('; ').length <= 220);
  const shown = listed.length === 0 ? [missing[0]!.slice(0, 220)] : listed;
  return [...shown, ...(missing.length > shown.length ? [`and ${missing.length - shown.length} more`] : [])].join('; ');
};

/** Texts that cannot be filled in for this plan, with the reason. */
const unfilled = async (texts: readonly Written[], place: string, circumstances: Circumstances): Promise<string[]> => {
  const values = placeholderValues(circumstances, { activity: 'activity', step: 'step' });
  const faults = await Promise.all(
    texts.map(({ text, path }) =>
      unlessRefused(
        () => void (path.at(-1) === 'url' ? fillUrl(text, values) : fill(text, values)),
        (reason) => `${reason} in ${circumstances.environment.name} (${place})`,
      ),
    ),
  );
  return [...new Set(faults.flatMap((fault) => fault ?? []))];
};

const secretsOf = (step: SingleStep): string[] => {
  const evidence = step.kind === 'check' ? step.evidence : undefined;
  return [step, step.undo, evidence].flatMap((part) => (part && 'headers' in part ? secretsIn(part.headers) : []));
};

const secretsIn = (headers: Headers): string[] =>
  Object.values(headers).flatMap((value) => (typeof value === 'string' ? [] : [value.secret]));

const programsOf = (step: SingleStep): string[] =>
  [step, step.undo].flatMap((part) => (part?.kind === 'command' ? [part.program] : []));
