import type { Reservation, ReservationStore } from '../../../domain/ports.ts';

/** `isClosed` says that a plan is over: such a plan holds nothing. */
export const createMemoryReservationStore = (isClosed: (plan: string) => boolean): ReservationStore => {
  const known = new Map<string, Reservation & { isHeld: boolean }>();
  const keyOf = ({ environment, plan, activity }: Omit<Reservation, 'mode' | 'at'>): string =>
    `${environment}/${plan}/${activity}`;
  return {
    async reserve(wish) {
      const others = [...known.values()].filter(
        ({ environment, plan, isHeld }) =>
          environment === wish.environment && plan !== wish.plan && isHeld && !isClosed(plan),
      );
      if (others.some(({ mode }) => wish.mode === 'exclusive' || mode === 'exclusive')) return false;
      const before = known.get(keyOf(wish));
      if (before && (before.at > wish.at || (before.at === wish.at && !before.isHeld))) return false;
      known.set(keyOf(wish), { ...wish, isHeld: true });
      return true;
    },
    async release(wish) {
      const before = known.get(keyOf(wish));
      if (!before || before.at <= wish.at)
        known.set(keyOf(wish), { mode: 'shared', ...before, ...wish, isHeld: false });
    },
  };
};
