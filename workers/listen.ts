import pg from 'pg';
import type { Logger } from 'pino';

/** Listens for notifications of the database on a connection of its own, and connects anew when it is lost. */
export function listen(url: string, channels: Record<string, () => void>, log: Logger): { stop(): Promise<void> } {
  let client: pg.Client | undefined;
  let isStopping = false;
  let retry: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 3_000 });
    client = next;
    const lost = (): void => {
      if (isStopping || client !== next) return;
      client = undefined;
      retry = setTimeout(() => void connect(), 1_000);
    };
    next.on('error', lost);
    next.on('end', lost);
    next.on('notification', ({ channel }) => channels[channel]?.());
    try {
      await next.connect();
      for (const channel of Object.keys(channels)) await next.query(`listen ${channel}`);
      // What came while nobody listened is looked for once.
      for (const heard of Object.values(channels)) heard();
    } catch (error) {
      log.debug({ err: error }, 'not listening yet');
      lost();
    }
  };
  void connect();
  return {
    async stop() {
      isStopping = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}
