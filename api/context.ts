import type { Client } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Document, Kind, SpecOf } from '../domain/document.ts';
import type { Secrets } from '../domain/ports.ts';
import type { Database } from '../storage/database.ts';
import type { HistoryStore } from '../storage/history.ts';
import type { JsonPayload } from '../workers/history-json.ts';
import type { createRepair } from '../workers/repair.ts';
import type { Stores } from '../workers/ports.ts';
import type { SigningKey } from '../workers/signing-key.ts';
import type { Commands } from './commands.ts';
import type { RecordViews } from './record-view.ts';

/** What handlers work with. */
export interface Context {
  db: Database;
  stores: Stores;
  histories: HistoryStore;
  commands: Commands;
  /** How each kind of record is shown. */
  views: RecordViews;
  secrets: Secrets;
  /** The catalogue as of at most two seconds ago. */
  recent: RecentCatalogue;
  client: Client;
  /** Takes a workflow back to where it went well. */
  repair: ReturnType<typeof createRepair>;
  /** Opens payloads that went through Temporal, for those who may read everything. */
  openPayloads: (payloads: readonly JsonPayload[]) => JsonPayload[];
  log: Logger;
  /** Where people find Evenkeel, for links in what is published. */
  publicUrl: string;
  /** What checkpoints and exports are signed with. */
  signingKey: SigningKey;
  /** Where the SDK serves its metrics, if this process has a worker. */
  sdkMetricsPort: number | undefined;
}

export interface RecentCatalogue {
  find<K extends Kind>(kind: K, name: string): Promise<SpecOf<K> | undefined>;
  list<K extends Kind>(kind: K): Promise<Document<K>[]>;
  /** What was applied through this process counts here at once. */
  forget(): void;
}

const freshMs = 2_000;

/** Keeps what was read for two seconds: a role that was taken away ends soon, and a storm of posts asks once. */
export function createRecentCatalogue(catalogue: Stores['catalogue']): RecentCatalogue {
  const kept = new LRUCache<string, Promise<unknown>>({ max: 5_000, ttl: freshMs });
  const recent = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = kept.get(key);
    if (known) return known as Promise<T>;
    const value = read();
    kept.set(key, value);
    value.catch(() => kept.delete(key));
    return value;
  };
  return {
    find: (kind, name) => recent(`${kind}/${name}`, () => catalogue.find(kind, name)),
    list: (kind) => recent(kind, () => catalogue.list(kind)),
    forget: () => kept.clear(),
  };
}
