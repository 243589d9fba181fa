import { realOf } from '../../domain/metric/evidence.ts';
import type { IncidentObservation } from '../../domain/metric/observation.ts';
import type { ObjectiveDefinition } from '../../domain/objective/definition.ts';
import type { Evaluation } from '../../domain/objective/evaluate.ts';
import type { IncidentUse } from '../../domain/objective/wanted.ts';
import type { Span } from '../../domain/objective/window.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'objectives' | 'observations'>;

/** So many incidents are looked at, the last ones. */
const mostIncidents = 200;

/**
 * What incidents of a service have used of its budget while users felt them, in the order in which they were detected; `asOf` is
 * to when it is measured, in milliseconds, and `now` the clock. Budgets are promises about production.
 */
export const incidentUses = async (
  { catalogue, objectives, observations }: Ports,
  { service, series, slotMs }: ObjectiveDefinition,
  { window, budget: { allowed } }: Pick<Evaluation, 'window' | 'budget'>,
  { asOf, now }: { asOf: number; now: number },
): Promise<IncidentUse[]> => {
  const [from, until] = [window.from, now].map((at) => new Date(at).toISOString()) as [string, string];
  const environments = await catalogue.list('Environment');
  const rehearsing = new Set(environments.flatMap(({ name, spec }) => (spec.production ? [] : [name])));
  const found = realOf(await observations.incidents({ service, from, until }))
    .filter(({ environment = '' }) => !rehearsing.has(environment))
    .slice(-mostIncidents);
  const felt = found.flatMap((incident) => slotsOf(incident, { from: window.from, until: asOf }, slotMs));
  const readings = await objectives.read(
    series,
    felt.map(({ span }) => span),
  );
  return found.map(({ number, isPrivate }) => {
    const bad = readings.reduce(
      (sum, { good, total }, at) => (felt[at]!.number === number ? sum + Math.max(0, total - good) : sum),
      0,
    );
    return { incident: number, isPrivate, used: allowed > 0 ? bad / allowed : 0 };
  });
};

/** The whole slots in which users felt an incident. */
const slotsOf = (
  { number, open }: IncidentObservation,
  within: Span,
  slotMs: number,
): { number: number; span: Span }[] =>
  open
    .map(({ from, until = within.until }) => ({
      from: Math.max(within.from, Math.floor(from / slotMs) * slotMs),
      until: Math.min(within.until, Math.ceil(until / slotMs) * slotMs),
    }))
    .filter(({ from, until }) => from < until)
    .map((span) => ({ number, span }));
