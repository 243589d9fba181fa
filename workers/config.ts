import { z } from 'zod';
import { isEgressEntry } from '../activities/egress-entry.ts';

const expected = (what: string) => ({ error: `expected ${what}` });
const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, expected(`a number from ${least} to ${most}`))
    .transform(Number)
    .pipe(
      z
        .int()
        .min(least, expected(`a number from ${least} to ${most}`))
        .max(most, expected(`a number from ${least} to ${most}`)),
    )
    .meta({ minimum: least, maximum: most });

/** The address of a socket may have no host at all. */
const protocolOf = (text: string): string | undefined => URL.parse(text.replace('@/', '@socket/'))?.protocol;

const url = (protocols: readonly string[], example: string) =>
  z
    .string()
    .refine(
      (text) => protocols.includes(protocolOf(text) ?? ''),
      expected(`an address such as ${example}; write special characters percent-encoded, such as %40 for @`),
    );

/** `host` or `host:port`, without a protocol. */
const isAddress = (text: string): boolean => {
  const [whole, port] = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  return whole !== undefined && (port === undefined || (Number(port) > 0 && Number(port) <= 65_535));
};

const allowed = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
  .superRefine((entries, context) => {
    for (const entry of entries)
      if (!isEgressEntry(entry))
        context.addIssue({
          code: 'custom',
          message: `${entry} is neither host:port nor a network such as 10.0.0.0/8; expected these with commas between`,
        });
  });

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What a process is told by its environment. Secrets are never among it, except in the addresses of servers. */
export const Config = z.object({
  DATABASE_URL: url(['postgres:', 'postgresql:', 'socket:'], 'postgresql://user:password@host:5432/database'),
  TEMPORAL_ADDRESS: z.string().refine(isAddress, expected('a host and a port such as temporal.example.org:7233')),
  TEMPORAL_NAMESPACE: z.string().min(1).default('evenkeel'),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS: z.stringbool(expected('true or false')).optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  EVENKEEL_STATE_DIR: z.string().optional(),
  EVENKEEL_SECRETS_DIR: z.string().optional(),
  EVENKEEL_PROGRAMS_DIR: z.string().optional(),
  EVENKEEL_EGRESS_ALLOW: allowed,
  EVENKEEL_SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.org').optional(),
  EVENKEEL_MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>\p{Cc}]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u,
      expected('a sender such as Evenkeel <evenkeel@example.org>'),
    )
    .default('Evenkeel <evenkeel@localhost.localdomain>'),
  EVENKEEL_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, expected('an address of this machine such as 127.0.0.1, without a port'))
    .default('127.0.0.1'),
  EVENKEEL_PORT: number(0, 65_535).default(7480),
  EVENKEEL_METRICS_PORT: number(0, 65_535).optional(),
  EVENKEEL_PUBLIC_URL: z
    .url({ protocol: /^https?$/, ...expected('an address such as https://evenkeel.example.org') })
    .optional(),
  EVENKEEL_SIGNING_KEY: z.string().optional(),
  EVENKEEL_PAYLOAD_KEYS: z.string().optional(),
  EVENKEEL_CHECKPOINT_FILE: z.string().optional(),
  EVENKEEL_TASK_QUEUE: z.string().max(200, expected('a name of at most 200 characters')).default('operations'),
  EVENKEEL_MESSAGES_PER_RUN: number(1, 5_000).default(1_000),
  EVENKEEL_ALERT_RETENTION_DAYS: number(2, 3_660).default(30),
  EVENKEEL_LOG_LEVEL: z.enum(levels, expected(`one of ${levels.join(', ')}`)).default('info'),
  EVENKEEL_DATABASE_CONNECTIONS: number(4, 200).default(12),
});
/** Names of all variables that a process reads. */
export const variables = Object.keys(Config.shape);
export type Config = z.infer<typeof Config>;

/** Whether calls of Temporal go through TLS: as the setting says, else wherever a key or certificates are given. */
export const isTemporalSecure = (config: Config): boolean =>
  config.TEMPORAL_TLS ??
  [config.TEMPORAL_API_KEY, config.TEMPORAL_TLS_SERVER_CA_CERT_PATH, config.TEMPORAL_TLS_CLIENT_CERT_PATH].some(
    (given) => given !== undefined,
  );

type Checkable = { value: unknown };
const isReadable = ({ value }: Checkable): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'TEMPORAL_ADDRESS' in value &&
  typeof value.TEMPORAL_ADDRESS === 'string' &&
  isAddress(value.TEMPORAL_ADDRESS);

/** Who reaches Temporal in plain can act as us, so a plain connection that leaves the machine has to be somebody's decision. */
const Checked = Config.refine(
  (config) => config.TEMPORAL_TLS === false || isTemporalSecure(config) || isOnThisMachine(config.TEMPORAL_ADDRESS),
  {
    path: ['TEMPORAL_ADDRESS'],
    // Also when others are wrong: all is said at once.
    when: isReadable,
    error: ({ input }) =>
      `${(input as Config).TEMPORAL_ADDRESS} is not this machine: give TEMPORAL_API_KEY, or TEMPORAL_TLS=true and client certificates, or TEMPORAL_TLS=false where the network in between is trusted`,
  },
).refine(
  (config) =>
    (config.TEMPORAL_TLS_CLIENT_CERT_PATH === undefined) === (config.TEMPORAL_TLS_CLIENT_KEY_PATH === undefined),
  {
    path: ['TEMPORAL_TLS_CLIENT_CERT_PATH'],
    when: isReadable,
    error: 'expected together with TEMPORAL_TLS_CLIENT_KEY_PATH',
  },
);

const isOnThisMachine = (address: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(:\d+)?$/i.test(address);

export type Settings = Readonly<Record<string, string | undefined>>;

/** Said of all that are wrong, before any of them is. */
export const invalidSettings = 'these settings are not valid';

/** A setting that will not do, with what was expected. Values that may hold a secret are not shown. */
export interface SettingFault {
  name: string;
  value?: string | undefined;
  message: string;
}

const hidden = new Set(['DATABASE_URL', 'TEMPORAL_API_KEY', 'EVENKEEL_SMTP_URL']);

/** A variable that is set to nothing is not set: compose files and service units pass such on. */
export const given = (environment: Settings): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])));

/** All settings that are missing or not written as they have to be. */
export const configFaults = (environment: Settings): SettingFault[] => {
  const known = given(environment);
  return (Checked.safeParse(known).error?.issues ?? []).map(({ path, message }) => {
    const name = path.map(String).join('.');
    if (known[name] === undefined) return { name, message: 'is not set' };
    return { name, value: hidden.has(name) ? undefined : known[name], message };
  });
};

/** Settings with servers that are still to be started. */
export const besideOwnServers = (environment: Settings): Settings => ({
  ...environment,
  DATABASE_URL: 'postgresql://localhost/evenkeel',
  TEMPORAL_ADDRESS: 'localhost:7233',
});

export const settingText = ({ name, value, message }: SettingFault): string =>
  `${name}${value === undefined ? '' : `=${value}`}: ${message}`;

/** Reads the environment. Throws with every variable that is missing or wrong. */
export function readConfig(environment: Settings): Config {
  const faults = configFaults(environment);
  if (faults.length > 0) throw new Error(faults.map(settingText).join('\n'));
  return Checked.parse(given(environment));
}

/** Where people reach Evenkeel, for links. */
export const publicUrlOf = ({ EVENKEEL_PUBLIC_URL, EVENKEEL_HOST, EVENKEEL_PORT }: Config): string =>
  EVENKEEL_PUBLIC_URL ?? `http://${EVENKEEL_HOST}:${EVENKEEL_PORT}`;
