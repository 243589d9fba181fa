import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.ts';

type Insist = (method: string, path: string, body?: unknown, key?: string) => Promise<Record<string, unknown>>;

/** Asks again until it is answered: whoever sends may always send the same again. */
export const insistOn =
  (stage: () => Stage): Insist =>
  async (method, path, body, key) => {
    const { url, adminToken } = stage();
    for (const end = Date.now() + 120_000; ; await sleep(200)) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(5_000),
      }).catch(() => undefined);
      const text = await response?.text().catch(() => undefined);
      if (response?.ok && text !== undefined) return JSON.parse(text) as Record<string, unknown>;
      if (response && response.status < 500) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      if (Date.now() > end) throw new Error(`${method} ${path} was not answered in time`);
    }
  };
