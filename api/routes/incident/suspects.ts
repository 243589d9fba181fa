import { z } from 'zod';
import { hopsFrom } from '../../../domain/topology.ts';
import { suspectsOf } from '../../../domain/incident/suspect.ts';
import { changesNear } from '../../../storage/suspect.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Context } from '../../context.ts';

export const Suspect = z.object({
  id: z.string(),
  kind: z.enum(['plan', 'change']),
  summary: z.string(),
  service: z.string(),
  score: z.number(),
  hops: z.int(),
  minutesBefore: z.int(),
});

const mostHops = 2;

/** Changes that the incident may come from, the likeliest first. They are suspected: whoever looks confirms them or not. */
export const suspectsFor = async (
  { db, recent }: Pick<Context, 'db' | 'recent'>,
  { commission, record }: IncidentRow,
): Promise<z.infer<typeof Suspect>[]> => {
  const { service, environment, impactAt, detectedAt } = { ...commission, ...record };
  if (service === undefined) return [];
  const services = await recent.list('Service');
  const dependencies = new Map(services.map(({ name, spec }) => [name, spec.dependsOn]));
  const at = Date.parse(impactAt ?? detectedAt);
  const changes = await changesNear(db, {
    services: [...hopsFrom(service, dependencies, mostHops).keys()],
    environment,
    at,
  });
  return suspectsOf({ service, impactAt: at }, changes, dependencies);
};
