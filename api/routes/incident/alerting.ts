import { probableOrigins } from '../../../domain/topology.ts';
import type { Context } from '../../context.ts';

const mostAlerts = 200;

/** Services whose alerts fire and that depend on no other one that has any: where the incident probably comes from. */
export const originsOf = async (
  { stores, recent }: Pick<Context, 'stores' | 'recent'>,
  number: number,
): Promise<string[]> => {
  const alerts = await stores.alerts.list({ incident: number, state: 'firing', limit: mostAlerts });
  const alerting = [...new Set(alerts.flatMap(({ service }) => service ?? []))];
  const services = await recent.list('Service');
  return probableOrigins(alerting, new Map(services.map(({ name, spec }) => [name, spec.dependsOn])));
};

/** Titles of its alerts that flap. */
export const flappingOf = async ({ stores }: Pick<Context, 'stores'>, number: number): Promise<string[]> => {
  const alerts = await stores.alerts.list({ incident: number, state: 'flapping', limit: mostAlerts });
  return [...new Set(alerts.map(({ title }) => title))];
};
