import type { Logger } from 'pino';
import type { Lane, OutboxRow, OutboxStorage } from '../storage/outbox.ts';

/** Rows of one lane that are claimed while others of it are under way; so many at once. */
const roomInLane = 10;
/** Of everything that is no page, however many lanes there are. */
const roomOfAll = 200;

/**
 * Sends what is due. Each lane has room for so many rows at once, and pages have a room of their own in it: whatever hangs holds
 * up only what has to go the same way.
 */
export function createLanes(
  outbox: Pick<OutboxStorage, 'claim'>,
  send: (row: OutboxRow) => Promise<void>,
  log: Pick<Logger, 'warn'>,
) {
  const underWay = new Map<string, Lane & { count: number }>();
  const sending = new Set<Promise<void>>();
  let hasRoom: () => void = () => {};

  const start = ({ lane, isPage, ...row }: OutboxRow & Lane): void => {
    const name = `${isPage} ${lane}`;
    const busy = underWay.get(name) ?? { lane, isPage, count: 0 };
    busy.count += 1;
    underWay.set(name, busy);
    const done = send(row)
      // It is claimed again when its lease has ended.
      .catch((err: unknown) => log.warn({ key: row.key, err }, 'what came of a message could not be recorded'))
      .finally(() => {
        sending.delete(done);
        if (busy.count === roomInLane) hasRoom();
        busy.count -= 1;
        if (busy.count === 0) underWay.delete(name);
      });
    sending.add(done);
  };

  return {
    /** Calls back when a lane that was full is so no more. */
    onRoom: (callback: () => void): void => void (hasRoom = callback),
    /** Claims what there is room for and begins to send it; says how many. */
    async fill(): Promise<number> {
      const full = [...underWay.values()].filter(({ count }) => count >= roomInLane);
      const others = [...underWay.values()].reduce((sum, { isPage, count }) => (isPage ? sum : sum + count), 0);
      const rows = await outbox.claim(
        roomInLane,
        full.map(({ lane, isPage }) => ({ lane, isPage })),
        others >= roomOfAll,
      );
      for (const row of rows) start(row);
      return rows.length;
    },
    /** Once everything under way has ended. */
    async settled(): Promise<void> {
      while (sending.size > 0) await Promise.all(sending);
    },
  };
}
