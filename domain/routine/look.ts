import { evenkeel } from '../actor.rules.ts';
import type { LedgerEntry } from '../audit.ts';
import { canonical, sha256 } from '../digest.ts';
import { routineReference } from '../identifiers.ts';
import type { Arrival } from '../inbox.ts';
import type { CatalogueStore } from '../ports.ts';
import type { RoutineSpec } from '../routine.ts';
import type { RoutineState, RoutineStore } from './ports.ts';
import { placesOf, type RoutineRun, runsOf } from './run.ts';
import { servicesOf } from './selection.ts';
import { type Pause, settleSlots } from './slot.ts';

export interface LookPorts {
  catalogue: CatalogueStore;
  routines: RoutineStore;
}

/** A year of quarters of an hour is settled in some rounds. */
const mostRounds = 100;
/** So many are written at once, or those of one time. */
const mostRuns = 2_000;

/**
 * Settles each time at which a routine was due until now (milliseconds): by its document and its own clock alone. Then hands over
 * what is to open; says in how many milliseconds the next run of these is to.
 */
export const lookAtRoutine = async (ports: LookPorts, name: string, now: number): Promise<number | undefined> => {
  for (let round = 0; round < mostRounds; round += 1) if (!(await settledSome(ports, name, now))) break;
  return ports.routines.handOver(name, new Date(now).toISOString(), arrivalOf);
};

/** False where nothing is left. */
const settledSome = async ({ catalogue, routines }: LookPorts, name: string, now: number): Promise<boolean> => {
  const revision = await catalogue.revision();
  const spec = await catalogue.find('Routine', name, revision);
  if (!spec) {
    await routines.forget(name);
    return false;
  }
  const at = new Date(now).toISOString();
  const state = await routines.state(name, at);
  const after = Date.parse(state.settledUntil);
  const places = placesOf(servicesOf(spec, await catalogue.list('Service', revision)), spec.environments);
  const most = Math.max(1, Math.floor(mostRuns / Math.max(1, places.length)));
  const { slots, until, isMore } = settleSlots(spec, { after, now, pause: pauseOf(spec, state), most });
  if (until <= after) return false;
  const runs = slots.flatMap((slot) => runsOf(name, spec, slot, places));
  const span = { after: state.settledUntil, until: new Date(until).toISOString() };
  return (await routines.settle(name, span, runs, unopened(name, runs, at))) && isMore;
};

const pauseOf = ({ paused }: RoutineSpec, state: RoutineState): Pause | undefined => {
  if (paused) return { since: Number.NEGATIVE_INFINITY, why: 'its document says that it is paused' };
  if (!state.paused) return undefined;
  const { by, at, reason } = state.paused;
  return { since: Date.parse(at), why: `paused by ${by.name}: ${reason}` };
};

/** One entry for each time that nothing was opened for. */
const unopened = (name: string, runs: readonly RoutineRun[], at: string): LedgerEntry[] => {
  const subject = routineReference(name);
  const byTime = Map.groupBy(
    runs.filter(({ status }) => status !== 'due'),
    ({ dueAt }) => dueAt,
  );
  return [...byTime].map(([dueAt, some]) => {
    const [{ status, why }] = some as [RoutineRun];
    return {
      key: `${subject}/${dueAt}/${status}`,
      at,
      actor: evenkeel,
      action: status === 'missed' ? 'routine.missed' : 'routine.skipped',
      subject,
      detail: { dueAt, why, runs: some.map(({ id, service, environment }) => ({ id, service, environment })) },
    };
  });
};

/** The run on its way to its plan: which one it is, and nothing of what it is. */
const arrivalOf = ({ id, routine, team }: RoutineRun): Arrival => {
  const fact = { run: id };
  const body = Buffer.from(canonical(fact));
  return {
    kind: 'fact',
    source: `routine/${routine}`,
    dedupKey: id,
    name: 'routine.due',
    team,
    actor: evenkeel,
    body,
    bodyHash: sha256(body),
    content: { family: 'routine', facts: [fact] },
  };
};
