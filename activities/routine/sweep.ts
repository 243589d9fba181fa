import { evenkeel } from '../../domain/actor.rules.ts';
import { routineReference } from '../../domain/identifiers.ts';
import { lookAtRoutine } from '../../domain/routine/look.ts';
import type { ActivityPorts } from '../ports.ts';
import { tellOfRuns } from './tell.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'routines' | 'outbox'>;

const mostRounds = 50;

/**
 * Looks at every routine, whether or not its schedule has rung: no time passes without a run. Then ends the runs whose plans have
 * ended, and tells of those that are no success. `now` is in milliseconds.
 */
export const sweepRoutines = async (ports: Ports, now: number): Promise<void> => {
  const documents = await ports.catalogue.list('Routine', await ports.catalogue.revision());
  const names = new Set([...documents.map(({ name }) => name), ...(await ports.routines.known())]);
  // One that cannot be read keeps no other from its time.
  const failures: unknown[] = [];
  for (const name of names) await lookAtRoutine(ports, name, now).catch((error: unknown) => failures.push(error));
  await concludeRuns(ports, now);
  await tellOfRuns(ports, now);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} routines cannot be looked at`);
};

/** A run ends as its plan did. */
const concludeRuns = async ({ routines }: Ports, now: number): Promise<void> => {
  const at = new Date(now).toISOString();
  for (let round = 0; round < mostRounds; round += 1) {
    const ended = await routines.concludeEnded(
      at,
      ({ id, routine, status, dueAt, service, environment, plan, why }) => {
        const subject = routineReference(routine);
        return {
          key: `${subject}/${id}/${status}`,
          at,
          actor: evenkeel,
          action: status === 'completed' ? 'routine.completed' : 'routine.failed',
          subject,
          detail: { run: id, dueAt, service, environment, plan, ...(why === null ? {} : { why }) },
        };
      },
    );
    if (ended === 0) return;
  }
};
