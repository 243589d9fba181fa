import { z } from 'zod';
import type { Incident } from '../../../domain/incident.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';
import { maySee } from './visible.ts';

const Linked = z.object({ number: z.int(), title: z.string(), status: z.string() });

export const Links = z.object({
  parent: Linked.nullable(),
  children: z.array(Linked),
  splitFrom: Linked.nullable(),
  splitInto: z.array(Linked),
});

/** Incidents that this one belongs together with, as far as whoever asks may see them; its record names no others. */
export const linksOf = async (
  { stores: { incidents } }: Pick<Context, 'stores'>,
  { number, record }: IncidentRow,
  access: Access,
): Promise<{ links: z.infer<typeof Links>; record: Incident | null }> => {
  const found = async (other: number | undefined): Promise<IncidentRow[]> => {
    const row = other === undefined ? undefined : await incidents.find(other);
    return row && maySee(row, access) ? [row] : [];
  };
  const splits = record?.splits?.flatMap(({ into }) => into ?? []) ?? [];
  const [parents, [splitFrom], children, into] = await Promise.all([
    found(record?.parent),
    found(record?.splitFrom),
    incidents.childrenOf(number),
    Promise.all(splits.map(found)),
  ]);
  // Two that were linked at once may each have the other as its parent: the older one is taken for it.
  const [parent] = parents.filter((row) => row.record?.parent !== number || row.number < number);
  const links = {
    parent: parent ? linked(parent) : null,
    splitFrom: splitFrom ? linked(splitFrom) : null,
    splitInto: into.flat().map(linked),
    children: children.filter((row) => row.number !== parent?.number && maySee(row, access)).map(linked),
  };
  return { links, record: record && withoutOthers(record, links) };
};

const linked = ({ number, commission, record, status }: IncidentRow): z.infer<typeof Linked> => ({
  number,
  title: record?.title ?? commission.title,
  status,
});

const withoutOthers = (record: Incident, { parent, splitFrom, splitInto }: z.infer<typeof Links>): Incident => {
  const { parent: ofParent, splitFrom: ofSource, splits, ...rest } = record;
  return {
    ...rest,
    ...(ofParent === undefined || parent === null ? {} : { parent: ofParent }),
    ...(ofSource === undefined || splitFrom === null ? {} : { splitFrom: ofSource }),
    ...(splits && {
      splits: splits.filter(({ into }) => into === undefined || splitInto.some((other) => other.number === into)),
    }),
  };
};
