import type { Socket } from 'node:net';

/**
 * Who may stay connected when there are more than this process can hold: a connection that waits gives way to a new one,
 * and first one of the address that has the most of them. So nobody denies the others by opening many and saying nothing.
 * A connection whose request has been read is never cut off.
 */
export const createSeats = (most: number) => {
  /** Those that wait by their address, the longest waiting first. */
  const waiting = new Map<string, Set<Socket>>();
  let taken = 0;

  const remove = (socket: Socket, address: string): void => {
    const alike = waiting.get(address);
    if (alike?.delete(socket) && alike.size === 0) waiting.delete(address);
  };

  const wait = (socket: Socket, address: string): void => {
    if (socket.destroyed) return;
    const alike = waiting.get(address);
    if (alike) alike.add(socket);
    else waiting.set(address, new Set([socket]));
  };

  const makeRoom = (): void => {
    let largest = new Set<Socket>();
    for (const alike of waiting.values()) if (alike.size > largest.size) largest = alike;
    const [first] = largest;
    first?.destroy();
  };

  return {
    take(this: void, socket: Socket): void {
      const address = addressOf(socket);
      taken += 1;
      socket.once('close', () => {
        taken -= 1;
        remove(socket, address);
      });
      wait(socket, address);
      if (taken > most) makeRoom();
    },
    works(socket: Socket): void {
      remove(socket, addressOf(socket));
    },
    waits(socket: Socket): void {
      wait(socket, addressOf(socket));
    },
  };
};

const addressOf = ({ remoteAddress = '' }: Socket): string => remoteAddress;
