import { type Logger, pino } from 'pino';
import type { Config } from '../workers/config.ts';

/** JSON lines on stdout. A disk that is full takes no lines; the work goes on without them. */
export const createLog = ({ EVENKEEL_LOG_LEVEL: level }: Config): Logger =>
  pino(
    { level, redact: ['*.authorization', '*.token', '*.secret', 'err.config', 'err.headers'] },
    pino.destination(1).on('error', () => {}),
  );
