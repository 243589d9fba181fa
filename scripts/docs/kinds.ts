import { z } from 'zod';
import { type Kind, kinds, specs } from '../../domain/document.ts';
import { Duration } from '../../domain/duration.ts';
import { Span } from '../../domain/objective/open-slo.ts';
import { Evidence } from '../../domain/evidence.ts';
import { Rule } from '../../domain/annotation.ts';
import { Name, SecretName } from '../../domain/name.ts';
import { EscalationStep } from '../../domain/escalation-policy.ts';
import { Form, Step, Undo } from '../../domain/runbook.ts';
import { TeamOrOwner } from '../../domain/owner.ts';
import { Quorum } from '../../domain/approval.ts';
import { Zone } from '../../domain/schedule.ts';
import { commonFields, fieldsOf, type JsonSchema, type Row, variantsOf } from './schema.ts';
import { table } from './table.ts';

const purpose: Record<Kind, string> = {
  Service: 'A live product or supporting system that a team answers for.',
  Environment: 'A place where services run.',
  Source: 'Who may report deployments and alerts, and how they authenticate.',
  Team: 'People who answer for services together. Roles are held per team.',
  Person: 'Somebody who works with Evenkeel.',
  Schedule: 'Who is on call when. Overrides win, then the last layer.',
  EscalationPolicy: 'Who is paged one after the other until somebody acknowledges.',
  ReadinessChecklist: 'What has to be true before a service goes live, and the evidence for it.',
  PlanTemplate: 'What to do when a service is deployed: activities, people, window, approval, reports.',
  Routine: 'What is done again and again: when, for which services, and what happens to times that were missed.',
  Runbook: 'Steps written once and used by many plans.',
  ApprovalPolicy: 'Who must agree, by when, and what happens if nobody answers. Silence is never approval.',
  MaintenanceWindow:
    'When work may touch an environment. Work and its undo both have to fit. A freeze overrides the window.',
  NotificationChannel: 'A way to notify stakeholders.',
  CorrelationRule: 'Which alerts are one incident, what keeps them from opening one, and when it has recovered.',
  Heartbeat: 'What has to be heard of again and again, such as a nightly job. Silence is the alert.',
  StatusPage: 'What the public may see: services under public names, and what is published about their incidents.',
  Supplier: 'Somebody outside on whom services depend: contract, promises, access, exit.',
  ErrorBudgetPolicy: 'What a spent error budget does to the next changes of a service.',
  DataSource: 'OpenSLO: the Prometheus that is asked for metrics.',
  OpenSLOService:
    'OpenSLO: `kind: Service` of `openslo/v1`. It is kept, and means nothing else: a Service of ours says who answers.',
  SLI: 'OpenSLO: what is measured.',
  SLO: 'OpenSLO: what a service promises, over which time, and when its use of the budget alerts.',
  AlertPolicy: 'OpenSLO: one condition, and when it alerts. Those of one severity and threshold have to hold together.',
  AlertCondition: 'OpenSLO: a burn rate over a window.',
  AlertNotificationTarget: "OpenSLO: kept as it is. Alerts go where the service's alerts go.",
  ProblemPolicy:
    'When problems open by themselves, and what differs from title to title of incidents that are the same.',
  SeverityPolicy: 'What each severity asks of whoever responds, and which severity an alert gives its incident.',
};

const shared: [string, z.ZodType, string][] = [
  ['Name', Name, 'Lower-case letters, digits and inner hyphens, at most 63 characters: an RFC 1123 label.'],
  [
    'TeamOrOwner',
    TeamOrOwner,
    'The name of a Team, or `"{{team}}"`: the team that owns the service, so that one template, runbook or policy serves all teams.',
  ],
  ['SecretName', SecretName, 'A Name. No document contains the value of the secret; it is looked up where it is used.'],
  ['Duration', Duration, 'Text such as `90s`, `15m`, `4h`, `1h 30m` or `PT15M`. More than zero, at most a year.'],
  ['Rule', Rule, 'A CEL expression that yields true or false, 1 to 2000 characters. See [Rules](#rules).'],
  ['Zone', Zone, 'An IANA time zone, such as `Europe/Berlin`.'],
  ['Quorum', Quorum, 'How many have to agree: `first`, `all`, `{ count: 2 }` or `{ percent: 50 }`.'],
  [
    'Span',
    Span,
    'A duration as OpenSLO writes it: `5m`, `1h`, `28d`, `4w`, `1M`, `1Q`, `1Y`. `m` are minutes, `M` months.',
  ],
  ['Form', Form, 'What a person writes down in a task: a list of fields.'],
  ['Evidence', Evidence, 'Something that a machine can look at again, or that a person attests.'],
  ['Undo', Undo, 'What undoes a step. It has to be safe to run twice, and when there is nothing to undo.'],
  ['Step', Step, 'One step of a runbook.'],
  [
    'EscalationStep',
    EscalationStep,
    'One step of an EscalationPolicy: one of `level`, `delay`, `notify`, or `if` with `then`. At most 5 `if` inside each other.',
  ],
];

const schemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

const fields = (rows: readonly Row[]): string => table(['Field', 'Type', 'Default', 'Meaning'], rows);

/** A section for each kind of document. */
export const kindSections = (): string =>
  kinds.map((kind) => `### ${kind}\n\n${purpose[kind]}\n\n${fieldsByVariant(schemaOf(specs[kind]))}`).join('\n\n');

/** A section for each type that several kinds use. */
export const sharedSections = (): string =>
  shared
    .map(([name, schema, text]) => {
      const json = schemaOf(schema);
      const hasFields = ['Form', 'Evidence', 'Undo', 'Step', 'EscalationStep'].includes(name);
      return `### ${name}\n\n${text}${hasFields ? `\n\n${fieldsByVariant(json)}` : ''}`;
    })
    .join('\n\n');

/** Kinds of a union one after the other, with what they all have first. */
function fieldsByVariant(schema: JsonSchema): string {
  const variants = variantsOf(schema);
  if (!variants) return fields(fieldsOf(schema));
  const common = variants.length > 2 ? commonFields(variants.filter(({ kind }) => kind !== 'parallel')) : [];
  const exception = variants.some(({ kind }) => kind === 'parallel') ? ' except `parallel`' : '';
  const begin = common.length === 0 ? [] : [`All kinds${exception} have these:`, fields(common)];
  const own = variants.map(({ key, kind, schema: variant }) => {
    const rows = fieldsOf(variant).filter(
      (row) => row[0] !== `\`${key}\`` && (kind === 'parallel' || !common.some((known) => known.join() === row.join())),
    );
    return rows.length === 0 ? `\`${key}: ${kind}\` has nothing else.` : `\`${key}: ${kind}\`\n\n${fields(rows)}`;
  });
  return [...begin, ...own].join('\n\n');
}
