import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type Loop, startLoop } from '../loop.ts';
import type { Stores } from '../ports.ts';

const hourMs = 3_600_000;

/** Keeps a partition for each day to come, and drops those whose time is over; changes are kept as long as alerts. */
export const startAlertDays = (
  { alertInbox, changes }: Pick<Stores, 'alertInbox' | 'changes'>,
  { EVENKEEL_ALERT_RETENTION_DAYS: days }: Config,
  log: Logger,
): Loop =>
  startLoop('alert days', hourMs, log, async () => {
    await alertInbox.keepDays(days);
    return changes.keepDays(days);
  });
