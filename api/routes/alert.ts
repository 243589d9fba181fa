import { z } from 'zod';
import { AlertSeverity } from '../../domain/alert/severity.ts';
import { type Alert, EventClass } from '../../domain/alert.ts';
import { endsAt, firesSince } from '../../domain/alert/told.ts';
import type { Role } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Access } from '../access.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { PageQuery, pageOf, pagesOf, positionOf } from '../page.ts';

const texts = z.record(z.string(), z.string());

const Shown = z.object({
  fingerprint: z.string(),
  source: z.string(),
  team: z.string(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  title: z.string(),
  severity: AlertSeverity,
  class: EventClass,
  isFiring: z.boolean(),
  isFlapping: z.boolean().meta({ description: 'It begins and ends so often that it counts as firing either way' }),
  gap: z.string().nullable(),
  incident: z.int().nullable(),
  heldBy: z
    .string()
    .nullable()
    .meta({ description: 'What keeps it from opening an incident: plan/…, window/…, alert/…, threshold/…' }),
  labels: texts,
  annotations: texts,
  link: z.string().nullable(),
  firingSince: z.string().nullable(),
  endedAt: z.string().nullable(),
  count: z.int(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string().nullable(),
  shelvedUntil: z.string().nullable(),
});
export type ShownAlert = z.infer<typeof Shown>;

/** Nothing of how it is folded. */
const shown = ({ state, count, ...alert }: Alert): ShownAlert => ({
  fingerprint: alert.fingerprint,
  source: alert.source,
  team: alert.team,
  service: alert.service,
  environment: alert.environment,
  title: alert.title,
  severity: alert.severity,
  class: alert.class,
  isFiring: alert.isFiring,
  isFlapping: alert.flapsUntil !== null && Date.parse(alert.flapsUntil) > Date.now(),
  gap: alert.gap,
  incident: alert.incident,
  heldBy: alert.heldBy,
  count,
  firstSeenAt: alert.firstSeenAt,
  lastSeenAt: alert.lastSeenAt,
  expiresAt: alert.expiresAt,
  shelvedUntil: alert.shelvedUntil,
  labels: { ...state.last?.labels },
  annotations: { ...state.last?.annotations },
  link: state.last?.link ?? null,
  firingSince: firesSince({ state, lastSeenAt: alert.lastSeenAt }) ?? null,
  endedAt: endsAt({ state, lastSeenAt: alert.lastSeenAt }) ?? null,
});

const ByFingerprint = z.strictObject({ fingerprint: z.string().regex(/^[0-9a-f]{32}$/) });
const reason = z.string().min(1, 'a reason is needed').max(1000);
const longestMs = 30 * 86_400_000;

/** What sources have told of, whether it needs anybody or not. */
export const alertOperations = ({ stores: { alerts } }: Context): Untagged[] => {
  const visible = async (fingerprint: string, access: Access, role: Role = 'viewer'): Promise<Alert> => {
    const alert = await alerts.find(fingerprint);
    if (!alert) throw new DomainError('not-found', `there is no alert ${fingerprint}`);
    access.demand(role, alert.team, `alert ${fingerprint}`);
    return alert;
  };

  return [
    operation({
      id: 'listAlerts',
      route: 'GET /v1/alerts',
      summary: 'Lists alerts of your teams, those seen first last; also those that belong to no service',
      role: 'viewer',
      query: z.strictObject({
        ...PageQuery,
        state: z.enum(['firing', 'ended', 'flapping', 'shelved']).optional(),
        class: EventClass.optional(),
        service: z.string().max(63).optional(),
        environment: z.string().max(63).optional(),
        source: z.string().max(200).optional(),
        incident: z.coerce.number().int().min(1).max(1e15).optional(),
        gap: z.stringbool().optional().meta({ type: 'boolean', description: 'Those that belong nowhere alone' }),
      }),
      answer: pagesOf(Shown),
      async handle({ query: { after, limit, ...filter }, access }) {
        const teams = access.teamsWith('viewer');
        const found = await alerts.list({ ...filter, teams, after: positionOf(after), limit });
        return {
          body: pageOf(found.map(shown), limit, ({ firstSeenAt, fingerprint }) => ({
            at: firstSeenAt,
            id: fingerprint,
          })),
        };
      },
    }),
    operation({
      id: 'shelveAlert',
      route: 'POST /v1/alerts/{fingerprint}/shelve',
      summary: 'Pages nobody for an alert until then, whatever it says',
      role: 'responder',
      params: ByFingerprint,
      body: z.strictObject({ until: z.iso.datetime({ offset: true }), reason }),
      answer: { status: 200, description: 'The alert', schema: Shown },
      async handle({ params: { fingerprint }, body, access }) {
        const at = new Date().toISOString();
        const until = new Date(body.until).toISOString();
        if (until <= at) throw new DomainError('invalid', 'expected an instant to come', 'until');
        if (Date.parse(until) > Date.parse(at) + longestMs)
          throw new DomainError('invalid', 'an alert is shelved for 30 days at most', 'until');
        await visible(fingerprint, access, 'responder');
        await alerts.shelve(fingerprint, until, { by: access.actor, reason: body.reason, at });
        return { body: shown(await visible(fingerprint, access)) };
      },
    }),
    operation({
      id: 'unshelveAlert',
      route: 'POST /v1/alerts/{fingerprint}/unshelve',
      summary: 'Takes an alert off the shelf: it counts as it stands now',
      role: 'responder',
      params: ByFingerprint,
      body: z.strictObject({ reason }),
      answer: { status: 200, description: 'The alert', schema: Shown },
      async handle({ params: { fingerprint }, body, access }) {
        const alert = await visible(fingerprint, access, 'responder');
        if (alert.shelvedUntil === null) throw new DomainError('conflict', 'the alert is not shelved');
        const at = new Date().toISOString();
        await alerts.shelve(fingerprint, at, { by: access.actor, reason: body.reason, at });
        return { body: shown(await visible(fingerprint, access)) };
      },
    }),
  ];
};
