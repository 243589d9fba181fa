import type { Document } from '../../domain/document.ts';
import { DomainError } from '../../domain/errors.ts';
import { ownServiceOf } from '../../domain/supplier/own-service.ts';
import type { Outage } from '../../domain/supplier/outage.ts';
import type { ActivityPorts } from '../ports.ts';
import { readFeed } from './feed.ts';

const everyMs = 120_000;
const timeoutMs = 10_000;

interface FeedStore {
  claim(supplier: string, at: string, everyMs: number): Promise<boolean>;
  keep(
    served: { supplier: string; team: string; service: string; environment: string },
    outages: readonly Outage[],
    at: string,
  ): Promise<void>;
  fail(supplier: string, at: string, fault: string): Promise<void>;
}

type Ports = Pick<ActivityPorts, 'catalogue' | 'egress'> & { supplierFeeds: FeedStore };

/** Asks each status feed whose time has come; one that hangs or cannot be read keeps no other waiting. `now` in milliseconds. */
export const watchSuppliers = async (ports: Ports, now: number): Promise<void> => {
  const suppliers = await ports.catalogue.list('Supplier');
  await Promise.all(suppliers.map((supplier) => watch(supplier, ports, now)));
};

const watch = async (
  { name: supplier, spec }: Document<'Supplier'>,
  { catalogue, egress, supplierFeeds }: Ports,
  now: number,
): Promise<void> => {
  const { statusFeed, owner: team, environment } = spec;
  const at = new Date(now).toISOString();
  const service = statusFeed && (await ownServiceOf(spec, catalogue));
  if (!statusFeed || service === undefined || !(await supplierFeeds.claim(supplier, at, everyMs))) return;
  const reply = await egress.send({ method: 'GET', url: statusFeed.url, timeoutMs });
  if (!reply.sent || reply.status !== 200)
    return supplierFeeds.fail(supplier, at, reply.sent ? `status ${reply.status}` : reply.reason);
  try {
    const outages = readFeed(statusFeed.format, reply.body, now);
    await supplierFeeds.keep({ supplier, team, service, environment }, outages, at);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await supplierFeeds.fail(supplier, at, error.message.slice(0, 300));
  }
};
