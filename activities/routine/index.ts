import { lookAtRoutine } from '../../domain/routine/look.ts';
import type { ActivityPorts } from '../ports.ts';

/** Whoever calls this has looked up what is due, and nothing else opened. */
export const createRoutineActivities = (ports: Pick<ActivityPorts, 'catalogue' | 'routines' | 'clock'>) => ({
  /** Opens what is due of a routine; says in how many milliseconds more of it is to open, or null. */
  async lookAtRoutine({ routine, at }: { routine: string; at: number }): Promise<number | null> {
    return (await lookAtRoutine(ports, routine, ports.clock(at))) ?? null;
  },
});
