import { z } from 'zod';

const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []));

/** What a process is told by its environment. Secrets are never among it, except in the addresses of servers. */
export const Config = z.object({
  DATABASE_URL: z.string().min(1),
  TEMPORAL_ADDRESS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().min(1).default('evenkeel'),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS: z.stringbool().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  EVENKEEL_STATE_DIR: z.string().optional(),
  EVENKEEL_SECRETS_DIR: z.string().optional(),
  EVENKEEL_PROGRAMS_DIR: z.string().optional(),
  EVENKEEL_EGRESS_ALLOW: list,
  EVENKEEL_SMTP_URL: z.string().optional(),
  EVENKEEL_MAIL_FROM: z.string().default('Evenkeel <evenkeel@localhost.localdomain>'),
  EVENKEEL_HOST: z.string().default('127.0.0.1'),
  EVENKEEL_PORT: z.coerce.number().int().min(0).max(65535).default(7480),
  EVENKEEL_METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  EVENKEEL_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  EVENKEEL_SIGNING_KEY: z.string().optional(),
  EVENKEEL_PAYLOAD_KEYS: z.string().optional(),
  EVENKEEL_CHECKPOINT_FILE: z.string().optional(),
  EVENKEEL_TASK_QUEUE: z.string().default('operations'),
  EVENKEEL_MESSAGES_PER_RUN: z.coerce.number().int().min(1).max(5_000).default(1_000),
  EVENKEEL_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  EVENKEEL_DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(200).default(12),
});
export type Config = z.infer<typeof Config>;

/** Whether calls of Temporal go through TLS: as the setting says, else wherever a key or certificates are given. */
export const isTemporalSecure = (config: Config): boolean =>
  config.TEMPORAL_TLS ??
  [config.TEMPORAL_API_KEY, config.TEMPORAL_TLS_SERVER_CA_CERT_PATH, config.TEMPORAL_TLS_CLIENT_CERT_PATH].some(
    (given) => given !== undefined,
  );

/** Who reaches Temporal in plain can act as us, so a plain connection that leaves the machine has to be somebody's decision. */
const Checked = Config.refine(
  (config) => config.TEMPORAL_TLS === false || isTemporalSecure(config) || isOnThisMachine(config.TEMPORAL_ADDRESS),
  {
    path: ['TEMPORAL_ADDRESS'],
    error: ({ input }) =>
      `${(input as Config).TEMPORAL_ADDRESS} is not this machine: give TEMPORAL_API_KEY, or TEMPORAL_TLS=true and client certificates, or TEMPORAL_TLS=false where the network in between is trusted`,
  },
);

const isOnThisMachine = (address: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(:\d+)?$/i.test(address);

/** Reads the environment. Throws with every variable that is missing or wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  // A variable that is set to nothing is not set: compose files and service units pass such on.
  const read = Checked.safeParse(Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')));
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}

/** Where people reach Evenkeel, for links. */
export const publicUrlOf = ({ EVENKEEL_PUBLIC_URL, EVENKEEL_HOST, EVENKEEL_PORT }: Config): string =>
  EVENKEEL_PUBLIC_URL ?? `http://${EVENKEEL_HOST}:${EVENKEEL_PORT}`;
