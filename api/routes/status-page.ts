import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { atomOf } from '../../domain/atom.ts';
import { sha256 } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { Name } from '../../domain/name.ts';
import { statusFeedOf } from '../../domain/status-feed.ts';
import { StatusFeed, type StatusPageSpec } from '../../domain/status-page.ts';
import type { Context } from '../context.ts';
import { type Answer, operation, type Untagged } from '../operation.ts';

const freshMs = 2_000;
const secondsKept = 30;
const OfPage = z.strictObject({ page: Name });
const headers = { ETag: 'Changes with the page: what If-None-Match names is answered with 304' };

/** Status pages, for everybody: the services that a StatusPage names, and what was published about their incidents. */
export const statusPageOperations = ({ stores, recent, publicUrl }: Context): Untagged[] => {
  const kept = new LRUCache<string, Promise<StatusFeed>>({ max: 500, ttl: freshMs });

  const read = async (name: string, page: StatusPageSpec): Promise<StatusFeed> => {
    const owners = new Map((await recent.list('Service')).map((service) => [service.name, service.spec.owner]));
    // A service that has moved to another team is no longer this team's to show.
    const components = page.components.filter(({ service }) => owners.get(service) === page.team);
    const published = await stores.statusPages.published(components.map(({ service }) => service));
    const since = (await stores.statusPages.appliedAt(name)) ?? new Date().toISOString();
    return statusFeedOf({ ...page, components }, published, since);
  };

  /** However many ask, the database is asked once in two seconds. */
  const feedOf = async (name: string): Promise<StatusFeed> => {
    // The list is kept: names that somebody makes up cost nothing.
    const page = (await recent.list('StatusPage')).find((each) => each.name === name);
    if (!page) throw new DomainError('not-found', `there is no status page ${name}`);
    const key = `${name} ${JSON.stringify(page.spec)}`;
    const known = kept.get(key);
    if (known) return known;
    const feed = read(name, page.spec);
    kept.set(key, feed);
    feed.catch(() => kept.delete(key));
    return feed;
  };

  const shown = (body: string, contentType: string): Answer => ({
    body,
    headers: {
      'content-type': `${contentType}; charset=utf-8`,
      'cache-control': `public, max-age=${secondsKept}`,
      // Anybody's page may show it.
      'access-control-allow-origin': '*',
      etag: `"${sha256(body)}"`,
    },
  });

  return [
    operation({
      id: 'readStatusPage',
      route: 'GET /status/{page}.json',
      summary: 'Reads a status page: its components, and what was published about their incidents',
      role: 'anyone',
      params: OfPage,
      answer: { status: 200, description: 'The status page', schema: StatusFeed, headers },
      handle: async ({ params: { page } }) => shown(JSON.stringify(await feedOf(page)), 'application/json'),
    }),
    operation({
      id: 'readStatusFeed',
      route: 'GET /status/{page}.atom',
      summary: 'Reads the incidents of a status page as an Atom feed',
      role: 'anyone',
      params: OfPage,
      answer: {
        status: 200,
        description: 'The feed',
        schema: z.string(),
        contentType: 'application/atom+xml',
        headers,
      },
      handle: async ({ params: { page } }) =>
        shown(atomOf(await feedOf(page), `${publicUrl}/status/${page}.atom`), 'application/atom+xml'),
    }),
  ];
};
