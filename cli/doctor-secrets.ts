import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { secretVariableOf } from '../domain/identifiers.ts';
import type { NotificationChannelSpec } from '../domain/notification.ts';
import type { SourceSpec } from '../domain/source.ts';
import type { Settings } from '../workers/config.ts';
import { createApi, findConnection } from './api.ts';
import type { Finding } from './finding.ts';
import { secretsFolder } from './state.ts';

interface Documents<Spec> {
  items: { name: string; spec: Spec }[];
}

/** Secrets that Sources and NotificationChannels of what runs here name, and that are not in place. */
export async function secretFindings(environment: Settings, stateDir: string, address: string): Promise<Finding[]> {
  const named = await namedSecrets({ ...environment, EVENKEEL_URL: address, EVENKEEL_STATE_DIR: stateDir });
  const folder = secretsFolder(stateDir, environment);
  const isThere = (secret: string): boolean =>
    environment[secretVariableOf(secret)] !== undefined || existsSync(join(folder, secret));
  return named.flatMap(({ by, secrets }) =>
    secrets
      .filter((secret) => !isThere(secret))
      .map((secret) => ({
        subject: 'secret',
        state: 'warn',
        detail: `${by} names ${secret}, which is not there`,
        remedy: `Put it in ${join(folder, secret)}, or set ${secretVariableOf(secret)} for the process.`,
      })),
  );
}

/** Nothing where the API does not answer, or not to us: that is found elsewhere. */
const namedSecrets = async (environment: Settings): Promise<{ by: string; secrets: string[] }[]> => {
  try {
    const api = createApi(findConnection(environment));
    const [sources, channels] = await Promise.all([
      api.get<Documents<SourceSpec>>('/v1/catalogue/Source'),
      api.get<Documents<NotificationChannelSpec>>('/v1/catalogue/NotificationChannel'),
    ]);
    return [
      ...sources.items.map(({ name, spec }) => ({
        by: `Source ${name}`,
        secrets: [...spec.secrets, ...(spec.app ? [spec.app.privateKey] : [])],
      })),
      ...channels.items.map(({ name, spec }) => ({ by: `NotificationChannel ${name}`, secrets: secretsOf(spec) })),
    ];
  } catch {
    return [];
  }
};

const secretsOf = (channel: NotificationChannelSpec): string[] => {
  switch (channel.type) {
    case 'email':
      return [];
    case 'webhook':
      return [channel.secret];
    case 'slack':
    case 'github':
    case 'statuspage':
      return [channel.token];
    case 'teams':
      return [channel.url];
    case 'pagerduty':
      return [channel.routingKey];
    case 'gateway':
      return Object.values(channel.headers).flatMap((value) => (typeof value === 'string' ? [] : [value.secret]));
  }
};
