import type { Reservation, ReservationStore } from '../../../domain/ports.ts';
import type { Reference } from '../../../domain/reference.ts';

/** `isClosed` says that a record is over: such a record holds nothing. */
export const createMemoryReservationStore = (isClosed: (record: Reference) => boolean): ReservationStore => {
  const known = new Map<string, Reservation & { isHeld: boolean }>();
  const keyOf = ({ environment, belongsTo, activity }: Omit<Reservation, 'mode' | 'at'>): string =>
    `${environment}/${belongsTo}/${activity}`;
  return {
    async reserve(wish) {
      const others = [...known.values()].filter(
        ({ environment, belongsTo, isHeld }) =>
          environment === wish.environment && belongsTo !== wish.belongsTo && isHeld && !isClosed(belongsTo),
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
