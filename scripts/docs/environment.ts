import { z } from 'zod';
import { Config } from '../../workers/config.ts';
import { type JsonSchema, shown } from './schema.ts';
import { table } from './table.ts';

const meaning: Record<keyof Config, string> = {
  DATABASE_URL: 'PostgreSQL, as a connection string. `evenkeel start` sets it for the servers it starts.',
  TEMPORAL_ADDRESS: 'Host and port of the Temporal frontend. `evenkeel start` sets it for the servers it starts.',
  TEMPORAL_NAMESPACE: 'Temporal namespace, for Evenkeel only. Created with 30 days of retention if it does not exist.',
  TEMPORAL_API_KEY: 'API key for Temporal; switches TLS on.',
  TEMPORAL_TLS: 'Forces TLS on or off (default: on with an API key or a certificate).',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: "File with the authority (PEM) that signed the server's certificate.",
  TEMPORAL_TLS_CLIENT_CERT_PATH: 'File with the client certificate (PEM), for mutual TLS.',
  TEMPORAL_TLS_CLIENT_KEY_PATH: 'File with the key (PEM) of the client certificate.',
  TEMPORAL_TLS_SERVER_NAME: "Name to expect in the server's certificate (default: that of the address).",
  EVENKEEL_STATE_DIR:
    "The state folder: admin token, signing key, secrets; with `evenkeel start`'s own servers, also all data.",
  EVENKEEL_SECRETS_DIR: 'Folder with one file per secret (default: `secrets` in the state folder).',
  EVENKEEL_PROGRAMS_DIR: 'Folder with the programs that `command` steps may run. Without it they fail.',
  EVENKEEL_EGRESS_ALLOW:
    'Private addresses that steps, checks and webhooks may reach: `host:port` or a network such as `10.0.0.0/8`, separated by commas.',
  EVENKEEL_SMTP_URL: 'Mail server, such as `smtps://user:password@mail.example.org`. Without it mail is not sent.',
  EVENKEEL_MAIL_FROM: 'Sender of mail.',
  EVENKEEL_HOST: 'Address that the API listens on.',
  EVENKEEL_PORT: 'Port that the API listens on.',
  EVENKEEL_METRICS_PORT:
    'Port on 127.0.0.1 for the metrics of the Temporal SDK; a free one by default. `/metrics` includes them if api and worker are one process.',
  EVENKEEL_PUBLIC_URL: 'Where people reach Evenkeel, for links in messages. With https the API sends HSTS.',
  EVENKEEL_SIGNING_KEY:
    'File with an Ed25519 private key (PEM) that signs checkpoints (default: created in the state folder).',
  EVENKEEL_PAYLOAD_KEYS:
    'File with the keys that seal what goes through Temporal, one per line: `<id> <32 bytes in base64>`. The first key seals, every key opens (default: created in the state folder). All processes share it.',
  EVENKEEL_CHECKPOINT_FILE: 'File to append each checkpoint to, for shipping to another machine.',
  EVENKEEL_TASK_QUEUE: 'Task queue of the workers.',
  EVENKEEL_MESSAGES_PER_RUN: 'Messages after which a workflow continues as new.',
  EVENKEEL_ALERT_RETENTION_DAYS:
    'How long what sources sent of alerts and changes is kept as evidence, in days; the alerts themselves stay',
  EVENKEEL_LOG_LEVEL: 'How much is logged, as JSON lines on stdout.',
  EVENKEEL_DATABASE_CONNECTIONS: 'Maximum database connections of this process.',
};

const schema = z.toJSONSchema(Config, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

const defaultOf = (name: string): string => {
  const field: unknown = Reflect.get(Config.shape, name);
  // A number that is written as text has its default beside its schema.
  const preset =
    schema.properties?.[name]?.default ?? (field instanceof z.ZodDefault ? field.def.defaultValue : undefined);
  if (preset !== undefined) return shown(preset);
  return schema.required?.includes(name) ? 'required' : '';
};

const valuesOf = (name: string): string => {
  const { enum: values, minimum, maximum } = schema.properties?.[name] ?? {};
  if (values) return values.map(shown).join(', ');
  return minimum === undefined ? '' : `${minimum} to ${maximum}`;
};

export const configTable = (): string =>
  table(
    ['Variable', 'Default', 'Values', 'Meaning'],
    Object.entries(meaning).map(([name, text]) => [`\`${name}\``, defaultOf(name), valuesOf(name), text]),
  );
