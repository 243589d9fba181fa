import { z } from 'zod';
import { AlertSeverity } from './alert/severity.ts';
import { Flapping } from './alert/flapping.ts';
import { nameOf, Rule } from './annotation.ts';
import { Duration } from './duration.ts';
import { Authority } from './evidence.ts';
import { hasNoPassword } from './http-target.ts';
import { SecretName } from './name.ts';
import { TransitionKind } from './trigger/transition.ts';

/** How names of the sender become names of the catalogue; the first mapping that fits wins. */
export const SourceMapping = z.strictObject({
  from: z
    .string()
    .min(1)
    .max(500)
    .meta({ description: 'Sender\'s name: repository or artifact without version; "*" stands for any characters' }),
  environment: z.string().min(1).max(255).default('*').meta({
    description: "Sender's environment; `*` alone is every permanent one, `review/*` also short-lived ones",
  }),
  when: Rule.optional().meta({
    description: 'A further condition on subject, artifact, environment, task and payload of the sender',
  }),
  to: z.strictObject({ service: nameOf('Service'), environment: nameOf('Environment') }),
});
export type SourceMapping = z.infer<typeof SourceMapping>;

const label = z.string().min(1).max(200);

/** A label of the sender whose value is a name of the catalogue, or becomes one. */
const place = (kind: 'Service' | 'Environment', usual: string) =>
  z
    .strictObject({
      label: label.default(usual).meta({ description: 'Label that says it' }),
      names: z
        .record(z.string().max(200), nameOf(kind))
        .default({})
        .meta({ description: `${kind} for each value of the label that is none itself` }),
      default: nameOf(kind).optional().meta({ description: 'Where the label is missing' }),
    })
    .prefault({});

/** Which CDEvent of the sender is a transition of what in the catalogue; the first that fits wins. */
const TransitionMapping = z.strictObject({
  on: z.enum(['service.published', 'environment.created', 'environment.modified', 'environment.deleted']),
  from: z
    .string()
    .min(1)
    .max(500)
    .default('*')
    .meta({ description: 'Subject of the event; `*` stands for any characters' }),
  environment: z.string().min(1).max(255).default('*').meta({
    description: "Sender's environment; of the events of an environment it is the subject",
  }),
  kind: TransitionKind.exclude(['hand-over']).meta({ description: 'A hand-over names teams, which no event does' }),
  to: z.strictObject({ service: nameOf('Service'), environment: nameOf('Environment') }),
});

/** What the alerts of a source mean in the catalogue. */
export const AlertMapping = z.strictObject({
  identity: z
    .strictObject({
      labels: z
        .array(label)
        .min(1)
        .max(50)
        .optional()
        .meta({ description: "Labels that make two alerts one (default: the sender's own key)" }),
      without: z
        .array(label)
        .max(50)
        .default([])
        .meta({ description: 'Labels that do not, such as that of a replica' }),
    })
    .prefault({}),
  severity: z
    .strictObject({
      label: label.default('severity'),
      values: z
        .record(z.string().max(100), AlertSeverity)
        .default({})
        .meta({ description: 'Severity for each value of the label that is none itself' }),
      default: AlertSeverity.default('warning'),
    })
    .prefault({}),
  service: place('Service', 'service'),
  environment: place('Environment', 'environment'),
  resolveAfter: Duration.optional().meta({
    description: 'How long an alert fires without news, of a sender that never says that one has ended',
  }),
  flapping: Flapping.prefault({}),
  acknowledges: z
    .boolean()
    .default(false)
    .meta({ description: "The sender's acknowledgement stops the escalation; else it is a note" }),
  failures: z
    .boolean()
    .default(false)
    .meta({ description: 'Deployments and workflows that fail are alerts as well (github)' }),
});
export type AlertMapping = z.infer<typeof AlertMapping>;

/** Of github.com, as all others are named. */
export const githubApi = 'https://api.github.com';

/** A GitHub App that we act as. */
export const GithubApp = z.strictObject({
  id: z.int().positive().meta({ description: 'App ID, as its settings show it' }),
  privateKey: SecretName.meta({ description: 'The private key, PEM, as GitHub hands it out' }),
  api: z
    .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
    .max(500)
    .refine(...hasNoPassword)
    .default(githubApi)
    .meta({ description: 'Of your GitHub Enterprise Server, such as https://github.example.com/api/v3, if it is one' }),
  authority: Authority.optional(),
});
export type GithubApp = z.infer<typeof GithubApp>;

/** Who may send us facts, and how they prove it. */
export const SourceSpec = z
  .strictObject({
    format: z.enum([
      'github',
      'cloudevents',
      'alertmanager',
      'prometheus',
      'grafana',
      'kubernetes',
      'pagerduty',
      'pagerduty-webhook',
      'events',
      'slack',
    ]),
    team: nameOf('Team').meta({
      description: 'Team whose services the source may report; of slack, whose members it may speak for',
    }),
    secrets: z
      .array(SecretName)
      .min(1)
      .max(2)
      .meta({ description: 'One, or two during rotation; of `pagerduty` the routing keys' }),
    mappings: z.array(SourceMapping).max(1000).default([]).meta({ description: 'Of deployments' }),
    transitions: z.array(TransitionMapping).max(200).default([]).meta({
      description: 'CDEvents that are transitions (cloudevents)',
    }),
    alerts: AlertMapping.prefault({}),
    approvals: z.boolean().default(false).meta({
      description: 'People may approve by a button; whoever holds the secret could press it for them (slack)',
    }),
    app: GithubApp.optional().meta({ description: 'GitHub App that answers gates (github)' }),
    signsTime: z.boolean().default(false).meta({ description: 'A signature without its time is refused (grafana)' }),
    acceptsBatches: z.boolean().default(false),
    allowedOrigins: z.array(z.string().max(253)).max(20).default([]),
    retired: z.boolean().default(false).meta({ description: 'Answers 410, so that senders stop' }),
  })
  .meta({ id: 'SourceSpec' });
export type SourceSpec = z.infer<typeof SourceSpec>;
