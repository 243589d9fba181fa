import type { ReservationStore } from '../../../domain/ports.ts';

/** `isClosed` says that a plan is over: such a plan holds nothing. */
export const createMemoryReservationStore = (isClosed: (plan: string) => boolean): ReservationStore => {
  const held = new Map<string, { environment: string; plan: string; mode: 'exclusive' | 'shared' }>();
  return {
    async reserve(environment, plan, activity, mode) {
      const others = [...held.values()].filter(
        (other) => other.environment === environment && other.plan !== plan && !isClosed(other.plan),
      );
      if (others.some((other) => mode === 'exclusive' || other.mode === 'exclusive')) return false;
      held.set(`${environment}/${plan}/${activity}`, { environment, plan, mode });
      return true;
    },
    release: async (environment, plan, activity) => void held.delete(`${environment}/${plan}/${activity}`),
  };
};
