import { sha256 } from '../../../domain/digest.ts';
import type { Arrival } from '../../../domain/inbox.ts';
import { keepable } from '../../../domain/text.ts';
import type { AlertArrival } from '../../../storage/alert-inbox.ts';
import type { Context } from '../../context.ts';
import type { Delivery, Label, Told } from './format.ts';

type Source = Delivery['source'];

/** A row that was written, of either inbox. */
export interface Kept {
  id: string;
  isSameBody?: boolean;
}

/** Commits what was told: alerts to their own inbox, all else to the one whose rows are delivered. */
export const keep = (
  source: Source,
  told: readonly Told[],
  { commands, stores }: Pick<Context, 'commands' | 'stores'>,
): Promise<Kept[]> =>
  Promise.all(
    told.flatMap((one): Promise<Kept>[] => [
      ...(one.alerts === undefined ? [] : [stores.alertInbox.accept(alertsOf(source, one, one.alerts))]),
      ...(one.alerts === undefined || one.facts.length > 0 ? [commands.accept(arrivalOf(source, one))] : []),
    ]),
  );

/** Keeps a body that is hopeless and whose sender is known, with the reason. */
export const keepDead = async (
  source: Source,
  { name, key, body }: Label & { body: Uint8Array },
  deadBecause: string,
  { commands }: Pick<Context, 'commands'>,
): Promise<void> => {
  const dead = { name, key: keepable(`dead/${key}`, 500), body, facts: [] };
  await commands.accept({ ...arrivalOf(source, dead), deadBecause });
};

const arrivalOf = (source: Source, { name, key, body, facts, content }: Told): Arrival => ({
  kind: 'fact',
  source: source.name,
  dedupKey: key,
  name,
  team: source.team,
  actor: { type: 'service', name: `source/${source.name}` },
  body,
  bodyHash: sha256(body),
  content: content ?? { family: 'deployment', facts },
});

const alertsOf = (
  { name: source, team }: Source,
  { name: format, key: dedupKey, body }: Told,
  alerts: number,
): AlertArrival => ({
  source,
  dedupKey,
  format,
  team,
  body,
  bodyHash: sha256(body),
  alerts,
  receivedAt: new Date().toISOString(),
});
