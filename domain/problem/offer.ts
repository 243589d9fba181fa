import type { IncidentStore } from '../incident/ports.ts';
import type { IncidentCommission } from '../incident.ts';
import type { KnownError } from './known-error.ts';
import type { ProblemStore } from './ports.ts';
import { shows } from './signature.rules.ts';

/** A known error that an incident shows, and what helps. */
export interface OfferedError extends Pick<KnownError, 'symptom' | 'workaround' | 'runbook'> {
  problem: number;
}

const mostOffered = 3;

/** The known errors that an incident shows, those published last first. */
export const knownErrorsFor = async (
  { problems, incidents }: { problems: Pick<ProblemStore, 'knownErrors'>; incidents: Incidents },
  incident: Affected,
): Promise<OfferedError[]> => shownBy(incident, await problems.knownErrors(), incidents);

type Incidents = Pick<IncidentStore, 'alertNames'>;
type Affected = Pick<IncidentCommission, 'number' | 'title' | 'team' | 'service'>;

/** Those of the known errors that an incident shows, in their order. */
export const shownBy = async (
  { number, title, team, service }: Affected,
  known: Awaited<ReturnType<ProblemStore['knownErrors']>>,
  incidents: Incidents,
): Promise<OfferedError[]> => {
  if (known.length === 0) return [];
  const shown = { team, service, titles: [title, ...(await incidents.alertNames(number))] };
  return known
    .filter(({ knownError, team: owner }) => shows(knownError.signature, owner, shown))
    .slice(0, mostOffered)
    .map(({ number: problem, knownError: { symptom, workaround, runbook } }) => ({
      problem,
      symptom,
      workaround,
      ...(runbook === undefined ? {} : { runbook }),
    }));
};
