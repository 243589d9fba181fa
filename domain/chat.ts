import { z } from 'zod';
import { jsonOf, jsonOrNothing, readAs, readText } from './json.ts';
import type { SlackButton } from './message.ts';

/** What Slack makes itself; whatever holds the secret of a source may have written anything. */
const id = z.string().regex(/^[\w.-]{1,50}$/, 'expected an id of Slack');
const Interaction = z.looseObject({
  type: z.string(),
  user: z.looseObject({ id, team_id: id.nullish() }),
  team: z.looseObject({ id }).nullish(),
  enterprise: z.looseObject({ id }).nullish(),
  container: z.looseObject({ channel_id: id.nullish() }).nullish(),
  actions: z
    .array(z.looseObject({ action_id: z.string(), block_id: z.string(), value: z.string().nullish(), action_ts: id }))
    .max(25)
    .default([]),
});

const Approve = z.strictObject({
  approval: z.string().regex(/^[\w.-]{1,400}$/),
  stage: z.int().min(0).max(9),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Somebody has pressed a button of ours. */
export interface Pressed {
  asks: SlackButton;
  /** How Slack knows whoever did, with each workspace or organisation that it names. */
  logins: string[];
  user: string;
  /** Where the message stands, and the NotificationChannel that it was sent by. */
  conversation: string | undefined;
  channel: string;
  /** Of this press alone. */
  at: string;
}

/** What a form of Slack tells; nothing where it is about something else than a button of ours. */
export const readSlack = (body: Uint8Array): Pressed | undefined => {
  const payload = new URLSearchParams(readText(body)).get('payload') ?? '';
  const { type, user, team, enterprise, container, actions } = readAs(Interaction, jsonOf(payload));
  const action = actions.find(({ action_id: name }) => Object.hasOwn(asked, name));
  const asks = action && asked[action.action_id]?.(action.value ?? '');
  const [, channel] = /^evenkeel\/([a-z\d-]{1,63})$/.exec(action?.block_id ?? '') ?? [];
  if (type !== 'block_actions' || !action || asks === undefined || channel === undefined) return undefined;
  // A guest of a shared conversation belongs to another workspace than the one in which the button was pressed.
  const workspaces = [user.team_id ?? team?.id, enterprise?.id].flatMap((workspace) => workspace ?? []);
  return {
    asks,
    logins: workspaces.map((workspace) => `${workspace}/${user.id}`),
    user: user.id,
    conversation: container?.channel_id ?? undefined,
    channel,
    at: action.action_ts,
  };
};

/** What each of our buttons asks, by what it carries; nothing where that is not ours. */
const asked: Readonly<Record<string, (value: string) => SlackButton | undefined>> = {
  acknowledge: (value) => {
    const [, incident, round] = /^(\d{1,15})\.(\d{1,9})$/.exec(value) ?? [];
    return incident === undefined ? undefined : { incident: Number(incident), round: Number(round) };
  },
  approve: (value) => Approve.safeParse(jsonOrNothing(value)).data,
};
