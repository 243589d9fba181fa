import { z } from 'zod';
import { similarIncidents } from '../../../domain/insight/similar.ts';
import { Severity } from '../../../domain/severity.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { maySee, visibleIncident } from './visible.ts';

export const Similar = z.object({
  number: z.int(),
  title: z.string(),
  status: z.string(),
  severity: Severity,
  service: z.string().nullable(),
  detectedAt: z.string(),
  solution: z.string().nullable().meta({ description: 'What resolved it' }),
  score: z.number().meta({ description: 'Says which is more alike, and nothing else' }),
  why: z.array(z.string()),
});
const AllSimilar = z.object({ items: z.array(Similar) });
export type AllSimilar = z.infer<typeof AllSimilar>;

const ById = z.strictObject({ id: z.string().max(20) });

/** Incidents that are like this one, as far as whoever asks may see them. */
export const similarFor = async (
  { stores: { incidents, insight } }: Pick<Context, 'stores'>,
  number: number,
  access: Access,
): Promise<z.infer<typeof Similar>[]> => {
  const seen = new Map<number, IncidentRow>();
  const found = await similarIncidents(insight, number, async (profiles) => {
    for (const row of await incidents.findAll(profiles.map((profile) => profile.number)))
      if (maySee(row, access)) seen.set(row.number, row);
    return profiles.filter((profile) => seen.has(profile.number));
  });
  return found.map((similar) => {
    const { commission, record, status } = seen.get(similar.number)!;
    const { title, severity, service = null, detectedAt } = { ...commission, ...record };
    const solution = record && 'resolution' in record ? (record.resolution?.solution ?? null) : null;
    return { ...similar, title, status, severity, service, detectedAt, solution };
  });
};

export const listSimilar = (context: Context): Untagged =>
  operation({
    id: 'listSimilarIncidents',
    route: 'GET /v1/incidents/{id}/similar',
    summary: 'Lists the incidents that are like this one, the most alike first, and says why',
    role: 'viewer',
    params: ById,
    answer: { status: 200, description: 'Those that you may see', schema: AllSimilar },
    async handle({ params, access }) {
      const { number } = await visibleIncident(context, params.id, access);
      return { body: { items: await similarFor(context, number, access) } };
    },
  });
