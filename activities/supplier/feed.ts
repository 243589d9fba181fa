import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/one-line.rules.ts';
import type { SupplierSpec } from '../../domain/supplier.ts';
import { type Outage, OutageImpact } from '../../domain/supplier/outage.ts';

type Format = NonNullable<SupplierSpec['statusFeed']>['format'];

const mostOutages = 200;
/** An item of RSS that nobody has touched for so long tells of something that is over. */
const staleMs = 86_400_000;

/** The incidents that a status feed tells of. `now` in milliseconds. Refuses what is no such feed. */
export const readFeed = (format: Format, body: string, now: number): Outage[] =>
  (format === 'statuspage' ? ofStatuspage(body) : ofRss(body, now)).slice(0, mostOutages);

const instant = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((at) => !Number.isNaN(at), 'expected an instant')
  .transform((at) => new Date(at).toISOString());
const id = z.coerce.string().min(1).max(500);

const Summary = z.object({
  incidents: z.array(
    z.object({
      id,
      name: z.string(),
      status: z.string(),
      impact: z.string().nullish(),
      created_at: instant,
      started_at: instant.nullish(),
      resolved_at: instant.nullish(),
      shortlink: z.string().nullish(),
    }),
  ),
});

/** `summary.json` or `incidents.json` of a Statuspage; maintenance and what has no impact is no outage. */
const ofStatuspage = (body: string): Outage[] =>
  read(Summary, () => JSON.parse(body) as unknown).incidents.flatMap((incident) => {
    const impact = OutageImpact.safeParse(incident.impact).data;
    if (impact === undefined) return [];
    const isOver = ['resolved', 'postmortem', 'completed'].includes(incident.status);
    const startedAt = incident.started_at ?? incident.created_at;
    return [
      {
        key: incident.id,
        title: oneLine(incident.name, 300) || 'without a title',
        impact,
        startedAt,
        endedAt: incident.resolved_at ?? (isOver ? startedAt : undefined),
        link: linkOf(incident.shortlink),
      },
    ];
  });

const text = z
  .union([z.string(), z.number(), z.object({ '#text': z.union([z.string(), z.number()]) })])
  .transform((value) => String(typeof value === 'object' ? value['#text'] : value));
const Item = z.object({
  guid: text.optional(),
  title: text,
  link: text.optional(),
  pubDate: text.pipe(instant),
  description: text.optional(),
});
const Rss = z.object({
  rss: z.object({
    channel: z.object({ item: z.union([z.array(Item), Item.transform((item) => [item])]).default([]) }),
  }),
});

/** RSS 2.0. It has no field for what is over: the first word that says how it stands counts, as Statuspage writes it in bold. */
const ofRss = (body: string, now: number): Outage[] =>
  read(Rss, () => new XMLParser({ ignoreAttributes: true }).parse(body) as unknown).rss.channel.item.flatMap(
    ({ guid, title, link, pubDate, description = '' }) => {
      const [, stands = ''] =
        /\b(resolved|completed|postmortem|monitoring|identified|investigating|scheduled)\b/i.exec(
          `${description} ${title}`,
        ) ?? [];
      if (/scheduled/i.test(stands)) return [];
      const isOver = /resolved|completed|postmortem/i.test(stands) || Date.parse(pubDate) < now - staleMs;
      return [
        {
          key: (guid ?? link ?? title).slice(0, 500),
          title: oneLine(title, 300) || 'without a title',
          impact: 'major' as const,
          startedAt: pubDate,
          endedAt: isOver ? pubDate : undefined,
          link: linkOf(link),
        },
      ];
    },
  );

const linkOf = (written: string | null | undefined): string | undefined =>
  z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .safeParse(written).data;

const read = <Schema extends z.ZodType>(schema: Schema, parse: () => unknown): z.output<Schema> => {
  try {
    const { data, error } = schema.safeParse(parse());
    if (data !== undefined) return data;
    const [issue] = error?.issues ?? [];
    throw new DomainError('invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'cannot be read'}`);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('invalid', 'it is not in its format', 'statusFeed');
  }
};
