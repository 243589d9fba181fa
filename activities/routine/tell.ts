import { routineReference } from '../../domain/identifiers.ts';
import type { Message } from '../../domain/message.ts';
import { oneLine } from '../../domain/one-line.rules.ts';
import type { RoutineRun } from '../../domain/routine/run.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'routines' | 'outbox'>;

const hourMs = 3_600_000;
const mostRounds = 50;
const mostListed = 20;

/** The people of its team are told of each run that is no success, once: those of a routine that are found together in one mail. `now` is in milliseconds. */
export const tellOfRuns = async (ports: Ports, now: number): Promise<void> => {
  const lateBefore = new Date(now - hourMs).toISOString();
  for (let round = 0; round < mostRounds; round += 1) {
    const untold = await ports.routines.untold(lateBefore);
    if (untold.length === 0) return;
    const alike = Map.groupBy(untold, ({ routine, status }) => `${routine} ${status}`);
    for (const runs of alike.values()) await tell(ports, runs);
  }
};

const tell = async ({ catalogue, outbox, routines }: Ports, runs: readonly RoutineRun[]): Promise<void> => {
  const [first] = runs as [RoutineRun];
  const belongsTo = routineReference(first.routine);
  const team = await catalogue.find('Team', first.team);
  for (const { person } of team?.members ?? []) {
    const known = await catalogue.find('Person', person);
    // Told again after a crash, it is the same mail.
    const key = `${belongsTo}/${first.id}/${first.status}/${person}`;
    if (known) await outbox.put(key, belongsTo, mailOf(first, runs, known.email));
  }
  await routines.told(runs.map(({ id, status }) => ({ id, status })));
};

const saidOf: Record<RoutineRun['status'], string> = {
  due: 'has not begun',
  opened: 'goes on',
  completed: 'is completed',
  failed: 'failed',
  skipped: 'was skipped',
  missed: 'was missed',
};

const mailOf = ({ routine, dueAt, status }: RoutineRun, runs: readonly RoutineRun[], to: string): Message => {
  const times = new Set(runs.map((run) => run.dueAt)).size;
  const lines = runs.map(
    (run) =>
      `- ${run.dueAt}, ${run.service === null ? 'no service' : `${run.service} in ${run.environment}`}: ${run.why ?? 'its plan was to open, and has not yet'}` +
      (run.plan === null ? '' : ` (evenkeel plan show ${run.plan})`),
  );
  return {
    kind: 'email',
    to,
    subject: oneLine(
      `Routine ${routine} ${saidOf[status]}${times === 1 ? `: due at ${dueAt.slice(0, 16)}Z` : ` ${times} times`}`,
      200,
    ),
    text: [
      `What routine ${routine} was to do is not done:`,
      '',
      ...lines.slice(0, mostListed),
      ...(lines.length > mostListed ? [`and ${lines.length - mostListed} more`] : []),
      '',
      `What became of each time: evenkeel routine history ${routine}`,
      `Do it now: evenkeel routine run ${routine}`,
    ].join('\n'),
  };
};
