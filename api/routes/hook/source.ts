import { DomainError } from '../../../domain/errors.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import type { Delivery } from './format.ts';

/** The source of a request. Refuses one that there is not, and one that is retired. */
export const sourceOf = async (name: string, format: string, { recent }: Context): Promise<Delivery['source']> => {
  const spec = await recent.find('Source', name);
  if (spec?.format !== format) throw new DomainError('not-found', `there is no ${format} source of that name`);
  if (spec.retired) throw new HttpError(410, 'this source is retired: stop sending');
  return { ...spec, name };
};

/** What the source may sign with. */
export const secretsOf = async (
  source: Delivery['source'],
  { secrets, log }: Pick<Context, 'secrets' | 'log'>,
): Promise<string[]> => {
  const kept = await Promise.all(source.secrets.map((secret) => secrets.get(secret)));
  const known = kept.filter((secret) => secret !== undefined);
  if (known.length === 0)
    log.warn({ source: source.name }, 'none of the secrets of the source is here: nobody can sign');
  return known;
};
