import { routineReference } from '../../domain/identifiers.ts';
import type { Message } from '../../domain/message.ts';
import { oneLine } from '../../domain/one-line.rules.ts';
import type { RoutineRun } from '../../domain/routine/run.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'routines' | 'outbox'>;

const hourMs = 3_600_000;
const mostRounds = 50;
const mostListed = 20;

/** The people of its team are told of each run that is no success, once: those of one time of a routine in one mail. `now` is in milliseconds. */
export const tellOfRuns = async (ports: Ports, now: number): Promise<void> => {
  const lateBefore = new Date(now - hourMs).toISOString();
  for (let round = 0; round < mostRounds; round += 1) {
    const untold = await ports.routines.untold(lateBefore);
    if (untold.length === 0) return;
    const alike = Map.groupBy(untold, ({ routine, dueAt, status }) => [routine, dueAt, status].join('\n'));
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
  const lines = runs.map(
    ({ service, environment, why, plan }) =>
      `- ${service === null ? 'no service' : `${service} in ${environment}`}: ${why ?? 'its plan was to open, and has not yet'}` +
      (plan === null ? '' : ` (evenkeel plan show ${plan})`),
  );
  return {
    kind: 'email',
    to,
    subject: oneLine(`Routine ${routine}, due at ${dueAt.slice(0, 16)}Z, ${saidOf[status]}`, 200),
    text: [
      `What routine ${routine} was to do at ${dueAt} is not done:`,
      '',
      ...lines.slice(0, mostListed),
      ...(lines.length > mostListed ? [`and ${lines.length - mostListed} more`] : []),
      '',
      `What became of each time: evenkeel routine history ${routine}`,
      `Do it now: evenkeel routine run ${routine}`,
    ].join('\n'),
  };
};
