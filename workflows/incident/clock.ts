import { clockInputs, nextWarning, warned } from '../../domain/incident/clock.rules.ts';
import { responsibleFor } from '../../domain/incident/record.rules.ts';
import { type IncidentContext, notify } from './context.ts';

/** Something has changed by which its clocks run. */
export const hasOtherClocks = ({ incident, timing, clockedBy }: IncidentContext): boolean =>
  clockInputs(incident.current, timing) !== clockedBy;

/** Reads when somebody is to be warned: hours and holidays are not for a workflow to count. */
export async function readClocks(context: IncidentContext): Promise<void> {
  const { incident, stored, timing } = context;
  const { number, kind, status, severity, openedAt, times, pauses } = incident.current;
  context.clockedBy = clockInputs(incident.current, timing);
  context.warnings = [];
  if (context.clockedBy === undefined) return;
  const facts = { kind, status, severity, openedAt, times, pauses };
  context.warnings = await incident.briefly(stored.readClocks({ number, facts, at: Date.now() }));
}

/** Warns whoever has it, else the team, once each that a target is at risk, and that it is breached. */
export async function warn(context: IncidentContext): Promise<void> {
  const { incident, warnings } = context;
  const now = Date.now();
  const first = nextWarning(incident.current, warnings);
  if (!first || first.at > now) return;
  // After a while without a worker, what is breached is not at risk first.
  const breached =
    first.of === 'own-at-risk' ? 'own-breached' : first.of === 'resolve-at-risk' ? 'resolve-breached' : first.of;
  const isBreached = warnings.some(({ of, at }) => of === breached && at <= now);
  const of = isBreached ? breached : first.of;
  const dueAt = new Date(warnings.find((each) => each.of === breached)!.at).toISOString();
  const current = incident.apply(warned(incident.current, of), {
    action: isBreached ? 'incident.clock-breached' : 'incident.clock-at-risk',
    detail: { clock: of.startsWith('own') ? 'time to own' : 'time to resolve', dueAt },
  });
  await notify(context, `clock/${of}`, responsibleFor(current), { reason: `incident-${of}` });
}
