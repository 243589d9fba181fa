import { z } from 'zod';
import { type AlertFact, type ReadAlerts } from '../alert.ts';
import { readAs, readSome } from '../json.ts';
import { Name } from '../name.ts';
import { OutageImpact } from '../supplier/outage.ts';

const instant = z.iso.datetime({ precision: 3 });

/** What became of an incident of a supplier, as it is written down when its status feed begins to tell of it and when it has ended. */
export const SupplierNews = z.strictObject({
  supplier: Name,
  outage: z.string(),
  status: z.enum(['firing', 'resolved']),
  title: z.string(),
  impact: OutageImpact,
  startedAt: instant,
  at: instant,
  link: z.string().optional(),
  service: Name,
  environment: Name,
});
export type SupplierNews = z.infer<typeof SupplierNews>;

/** Who tells of it: no document of kind Source has such a name. */
export const supplierSource = (supplier: string): string => `supplier/${supplier}`;

export const isSupplierSource = (source: string): boolean => source.startsWith(supplierSource(''));

export const readSupplier: ReadAlerts = (body) => ({
  alerts: [factOf(readAs(SupplierNews, readSome(body)))],
  changes: [],
  notes: [],
});

/** Nobody is paged for what a supplier says of itself alone: whether it hurts a service, its own monitoring says. */
const severities = { minor: 'info', major: 'warning', critical: 'error' } as const;

const factOf = (news: SupplierNews): AlertFact => {
  const { supplier, outage, status, title, impact, startedAt, at, link, service, environment } = news;
  return {
    key: outage,
    status,
    title: `${supplier}: ${title}`,
    severity: severities[impact],
    startedAt,
    ...(status === 'resolved' ? { endedAt: at } : {}),
    labels: { supplier, impact },
    annotations: link === undefined ? {} : { link },
    service,
    environment,
  };
};
