import { z } from 'zod';
import { LedgerEntry } from '../../../domain/audit.ts';
import { DomainError } from '../../../domain/errors.ts';
import { reviewFromMarkdown, reviewToMarkdown } from '../../../domain/incident/review-markdown.ts';
import { Review } from '../../../domain/incident/review.ts';
import { entriesOf } from '../../../storage/ledger.ts';
import { asCommand } from '../../commands.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { askIncident } from './commands.ts';
import { visibleIncident } from './visible.ts';

const ById = z.strictObject({ id: z.string().max(20) });
const Shown = z.object({ review: Review, markdown: z.string() });
export type ShownReview = z.infer<typeof Shown>;

/** The review of an incident as Markdown, to be edited and sent back. */
export const incidentReview = (context: Context): Untagged[] => [
  operation({
    id: 'showIncidentReview',
    route: 'GET /v1/incidents/{id}/review',
    summary: 'Shows the review of an incident as Markdown, with its timeline',
    role: 'viewer',
    params: ById,
    answer: { status: 200, description: 'The review', schema: Shown },
    async handle({ params, access }) {
      const { number, record, reference, commission } = await visibleIncident(context, params.id, access);
      if (!record?.review) throw new DomainError('not-found', `incident ${number} has no review yet`);
      const entries = await entriesOf(context.db, { belongsTo: reference });
      const timeline = entries.flatMap(({ body }) => lineOf(JSON.parse(body)));
      const { document, version } = record.review;
      const markdown = reviewToMarkdown({ incident: number, version, document }, commission.title, timeline);
      return { body: { review: record.review, markdown } };
    },
  }),
  operation({
    id: 'editIncidentReview',
    route: 'POST /v1/incidents/{id}/review',
    summary: 'Takes the review back as edited Markdown',
    role: 'responder',
    params: ById,
    body: z.strictObject({ markdown: z.string().min(1).max(90_000) }),
    ...asCommand,
    async handle({ params, body, access, headers }) {
      const { number } = await visibleIncident(context, params.id, access, 'responder');
      const { incident, ...written } = reviewFromMarkdown(body.markdown);
      if (incident !== number)
        throw new DomainError('invalid', `this is the review of incident ${incident}, not of ${number}`, 'markdown');
      return askIncident(context, params.id, { type: 'write-review', ...written }, { access, headers });
    },
  }),
];

/** What happened to the incident itself, with when, and who did it. */
const lineOf = (entry: unknown): string[] => {
  const { at, actor, action, reason, detail } = LedgerEntry.parse(entry);
  if (!action.startsWith('incident.') || action === 'incident.alerts-changed') return [];
  const texts = ['text', 'people', 'runbook', 'strategy'].flatMap((name) => textOf(detail?.[name]));
  const said = [...(reason === undefined ? [] : [reason]), ...texts].join('; ');
  return [
    `${at} ${actor.name}: ${action.replace('incident.', '').replaceAll('-', ' ')}${said === '' ? '' : ` (${said})`}`,
  ];
};

const textOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(textOf);
  return typeof value === 'string' ? [value] : [];
};
