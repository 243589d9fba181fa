import { z } from 'zod';
import type { Incident } from '../../../domain/incident.ts';
import type { IncidentRow } from '../../../storage/incident.ts';
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
  const seen = async (other: number | undefined): Promise<z.infer<typeof Linked>[]> => {
    const row = other === undefined ? undefined : await incidents.find(other);
    return row && maySee(row, access) ? [linked(row)] : [];
  };
  const splits = record?.splits?.flatMap(({ into }) => into ?? []) ?? [];
  const [[parent = null], [splitFrom = null], children, into] = await Promise.all([
    seen(record?.parent),
    seen(record?.splitFrom),
    incidents.childrenOf(number),
    Promise.all(splits.map(seen)),
  ]);
  const splitInto = into.flat();
  const links = { parent, splitFrom, splitInto, children: children.filter((row) => maySee(row, access)).map(linked) };
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
