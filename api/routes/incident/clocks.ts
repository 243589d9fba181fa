import { z } from 'zod';
import { clocksOf } from '../../../domain/incident/clock.ts';
import { clockTerms } from '../../../domain/incident/policy.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Context } from '../../context.ts';

export const Clock = z.object({
  of: z.enum(['own', 'resolve']).meta({ description: 'Time to own, or time to resolve' }),
  state: z.enum(['running', 'paused', 'at-risk', 'breached', 'met']),
  target: z.int().meta({ description: 'Milliseconds, of the hours that count' }),
  atRiskAt: z.string(),
  dueAt: z.string().meta({ description: 'While it is paused: as if the pause ended now' }),
});

/** How the clocks of the incident stand now, by the targets that held when it was opened. */
export const clocksFor = async (
  { stores: { catalogue } }: Pick<Context, 'stores'>,
  { commission, record }: IncidentRow,
): Promise<z.infer<typeof Clock>[]> => {
  if (!record) return [];
  const terms = await clockTerms(catalogue, commission);
  return clocksOf(record, terms, Date.now()).map(({ of, state, target, atRiskAt, dueAt }) => ({
    of,
    state,
    target,
    atRiskAt: new Date(atRiskAt).toISOString(),
    dueAt: new Date(dueAt).toISOString(),
  }));
};
