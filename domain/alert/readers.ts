import type { ReadAlerts } from '../alert.ts';
import { readAlertmanager } from './alertmanager.ts';

/** How a body is read, by the name of its format. It is read as it is accepted, and again as it is correlated. */
export const readers = {
  alertmanager: readAlertmanager,
} as const satisfies Record<string, ReadAlerts>;

export type AlertFormat = keyof typeof readers;

export const isAlertFormat = (name: string): name is AlertFormat => Object.hasOwn(readers, name);
