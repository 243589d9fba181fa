import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import type { Problem } from '../../../domain/problem.ts';
import type { ProblemRow } from '../../../storage/problem.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';
import { maySee } from '../incident/visible.ts';
import { maySeeProblem } from './visible.ts';

export const Linked = z.object({ number: z.int(), title: z.string(), status: z.string() });
export type Linked = z.infer<typeof Linked>;

type Stores = Pick<Context, 'stores'>;

/** Incidents of the problem, as far as whoever asks may see them; its record names no others. */
export const incidentsOf = async (
  { stores }: Stores,
  { record }: ProblemRow,
  access: Access,
): Promise<{ incidents: Linked[]; record: Problem | null }> => {
  const numbers = record?.incidents.map(({ number }) => number) ?? [];
  const rows = (await stores.incidents.findAll(numbers)).filter((row) => maySee(row, access));
  const seen = new Set(rows.map(({ number }) => number));
  return {
    incidents: rows.map(({ number, record: incident, commission, status }) => ({
      number,
      title: (incident ?? commission).title,
      status,
    })),
    record: record && { ...record, incidents: record.incidents.filter(({ number }) => seen.has(number)) },
  };
};

/** Problems that an incident is one of, those that whoever asks may see. */
export const problemsOf = async ({ stores }: Stores, incident: number, access: Access): Promise<Linked[]> =>
  (await stores.problems.ofIncident(incident))
    .filter((row) => maySeeProblem(row, access))
    .map(({ number, record, commission, status }) => ({ number, title: (record ?? commission).title, status }));

/** Whoever links an incident sees it; one that is private is known to private problems alone. */
export const refuseOtherIncident = async (
  { stores }: Stores,
  incident: number,
  isPrivate: boolean,
  access: Access,
): Promise<void> => {
  const row = await stores.incidents.find(incident);
  if (!row || !maySee(row, access)) throw new DomainError('invalid', `there is no incident ${incident}`, 'incident');
  if (row.commission.privateTo !== undefined && !isPrivate)
    throw new DomainError('conflict', 'a private incident is linked to private problems alone', 'incident');
};
