import type { Logger } from 'pino';
import type { AlertInbox } from '../../storage/alert-inbox.ts';
import type { Config } from '../config.ts';
import { type Loop, startLoop } from '../loop.ts';

const hourMs = 3_600_000;

/** Keeps a partition for each day to come, and drops those whose time is over. */
export const startAlertDays = (inbox: Pick<AlertInbox, 'keepDays'>, config: Config, log: Logger): Loop =>
  startLoop('alert days', hourMs, log, async () => {
    await inbox.keepDays(config.EVENKEEL_ALERT_RETENTION_DAYS);
    return 0;
  });
