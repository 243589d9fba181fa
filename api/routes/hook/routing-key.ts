import { hash, timingSafeEqual } from 'node:crypto';
import type { Document } from '../../../domain/document.ts';
import type { Context } from '../../context.ts';
import type { Delivery } from './format.ts';

interface Key {
  digest: Buffer;
  source: Delivery['source'];
}

const digestOf = (key: string): Buffer => hash('sha256', key, 'buffer');

/** Finds the source of a routing key. The keys are read as often as the catalogue is, and no oftener. */
export const createRoutingKeys = ({ recent, secrets }: Pick<Context, 'recent' | 'secrets'>) => {
  const read = new WeakMap<object, Promise<Key[]>>();

  const keysOf = (documents: readonly Document<'Source'>[]): Promise<Key[]> => {
    const known = read.get(documents);
    if (known) return known;
    const keys = Promise.all(documents.flatMap(keysOfSource)).then((found) => found.flat());
    read.set(documents, keys);
    keys.catch(() => read.delete(documents));
    return keys;
  };

  const keysOfSource = ({ name, spec }: Document<'Source'>): Promise<Key[]>[] =>
    spec.format === 'pagerduty'
      ? spec.secrets.map(async (secret) => {
          const key = await secrets.get(secret);
          return key ? [{ digest: digestOf(key), source: { ...spec, name } }] : [];
        })
      : [];

  return async (key: string): Promise<Delivery['source'] | undefined> => {
    const given = digestOf(key);
    const keys = await keysOf(await recent.list('Source'));
    // Each of them is compared, also after one fits.
    return keys.filter(({ digest }) => timingSafeEqual(digest, given))[0]?.source;
  };
};
