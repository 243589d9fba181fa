import { z } from 'zod';
import { jsonOrNothing } from '../../domain/json.ts';
import type { Message } from '../../domain/message.ts';
import type { ComponentState } from '../../domain/status-page.ts';
import { keepable } from '../../domain/text.ts';
import type { Reply } from '../egress.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import type { Channel, Sent } from './channel.ts';

type Mirrored = Extract<Message, { kind: 'statuspage' }>;
type Call = (method: 'GET' | 'POST' | 'PATCH', path: string, incident?: object) => Promise<Reply>;

/** An incident there is ours if its metadata say so: which it is, its state that was shown last, and which updates it has. */
const Ours = z.object({ incident: z.string(), rev: z.int(), updates: z.array(z.string()) });
const There = z.object({
  id: z.string(),
  status: z.string(),
  metadata: z.looseObject({ evenkeel: Ours.optional().catch(undefined) }).catch({}),
});
type There = z.infer<typeof There>;

const [mostName, mostBody, mostUpdates] = [255, 25_000, 50];
/** An incident of ours is looked for among the newest; a page of them fits into what is read of a reply. */
const [perPage, pages] = [5, 4];
/** It takes one request a second. */
const leastWaitMs = 30_000;

const impacts: Record<ComponentState, string> = {
  operational: 'none',
  'degraded-performance': 'minor',
  'partial-outage': 'major',
  'major-outage': 'critical',
};

/**
 * An incident on a page of Atlassian Statuspage. It knows no idempotency keys: what is there is looked at before anything is
 * written, so that nothing is written twice, also where an answer was lost.
 */
export const createStatuspageChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'statuspage'> =>
  async (message, { firstId }) => {
    const channel = await catalogue.find('NotificationChannel', message.channel);
    if (channel?.type !== 'statuspage') return noChannel('Statuspage channel', message.channel);
    const token = await secrets.get(channel.token);
    if (token === undefined) return ours(`there is no secret ${channel.token}`);
    const until = Date.now() + timeoutMs;
    const call: Call = (method, path, incident) =>
      egress.send({
        method,
        url: `${channel.api}/v1/pages/${channel.page}/incidents${path}`,
        headers: { authorization: `OAuth ${token}`, 'content-type': 'application/json' },
        ...(incident === undefined ? {} : { body: JSON.stringify({ incident }) }),
        timeoutMs: Math.max(1, until - Date.now()),
        authority: channel.authority,
      });
    const found = await lookUp(message.to, await firstId(), call);
    if ('sent' in found) return found;
    const { there } = found;
    if (there && isShown(there, message)) return { sent: true, detail: there.id };
    if (!there && !message.update) return later('nothing is published there yet');
    const incident = incidentOf(message, there, channel.notify);
    const reply = there ? await call('PATCH', `/${there.id}`, incident) : await call('POST', '', incident);
    return sentAs(reply);
  };

/** By the id that it is known to have there, or else among the newest. */
const lookUp = async (
  incident: string,
  known: string | undefined,
  call: Call,
): Promise<{ there: There | undefined } | Sent> => {
  if (known !== undefined && /^\w+$/.test(known)) {
    const reply = await call('GET', `/${known}`);
    if (reply.sent && reply.status === 404) return { sent: false, fault: 'receiver', detail: 'it was deleted there' };
    return read(reply, There, (there) => ({ there }));
  }
  for (let page = 1; page <= pages; page += 1) {
    const reply = await call('GET', `?limit=${perPage}&page=${page}`);
    const listed = read(reply, z.array(There), (items) => ({ items }));
    if ('sent' in listed) return listed;
    const there = listed.items.find(({ metadata }) => metadata.evenkeel?.incident === incident);
    if (there || listed.items.length < perPage) return { there };
  }
  return { there: undefined };
};

/** What could not be read is not taken for nothing: something would be written twice. */
const read = <Schema extends z.ZodType, Found extends object>(
  reply: Reply,
  schema: Schema,
  as: (value: z.infer<Schema>) => Found,
): Found | Sent => {
  const sent = sentAs(reply);
  if (!sent.sent || !reply.sent) return sent;
  const { data, success } = schema.safeParse(jsonOrNothing(reply.body));
  return success ? as(data) : later('its incidents could not be read');
};

const isShown = ({ status, metadata: { evenkeel } }: There, message: Mirrored): boolean => {
  if (message.update) return evenkeel?.updates.includes(message.update.id) ?? false;
  return status === message.status || (evenkeel?.rev ?? 0) >= message.rev;
};

/** A late update adds its text and never moves the incident back to an earlier status. */
const incidentOf = (message: Mirrored, there: There | undefined, notify: boolean): object => {
  const { to, rev, status, name, neutralName, update, component } = message;
  const before = there?.metadata.evenkeel ?? { rev: 0, updates: [] };
  const updates = [...before.updates, ...(update ? [update.id] : [])].slice(-mostUpdates);
  const title = there ? name : (name ?? neutralName);
  return {
    ...(update ? { body: keepable(update.text, mostBody) } : {}),
    ...(before.rev > rev ? {} : { status, ...(title === undefined ? {} : { name: keepable(title, mostName) }) }),
    ...(before.rev > rev || !component
      ? {}
      : { component_ids: [component.id], components: { [component.id]: component.state.replaceAll('-', '_') } }),
    ...(there || !component ? {} : { impact_override: impacts[component.state] }),
    metadata: { ...there?.metadata, evenkeel: { incident: to, rev: Math.max(before.rev, rev), updates } },
    // It tells subscribers unless it is told not to.
    deliver_notifications: notify && update !== undefined,
  };
};

const sentAs = (reply: Reply): Sent => {
  const sent = sentBy(reply, (body) => There.safeParse(jsonOrNothing(body)).data?.id);
  if (!reply.sent || ![420, 429].includes(reply.status) || sent.sent || sent.fault !== 'passing') return sent;
  return { ...sent, retryAfterMs: Math.max(leastWaitMs, sent.retryAfterMs ?? 0) };
};

const later = (detail: string): Sent => ({ sent: false, fault: 'passing', detail, retryAfterMs: leastWaitMs });
