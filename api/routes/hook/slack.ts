import { z } from 'zod';
import { readSlack, type Pressed } from '../../../domain/chat.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { ApprovalId } from '../../../domain/id.ts';
import { incidentReference } from '../../../domain/identifiers.ts';
import type { SlackButton } from '../../../domain/message.ts';
import { verifySlack } from '../../../domain/signature.ts';
import type { SourceSpec } from '../../../domain/source.ts';
import { type Access, accessOf } from '../../access.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import { operation, type Untagged } from '../../operation.ts';
import { vote } from '../approval/vote.ts';
import { askIncident } from '../incident/commands.ts';
import { BySource } from './format.ts';
import { secretsOf, sourceOf } from './source.ts';

/**
 * Somebody presses a button in Slack: the same command as by the API, with what that person may do. It is answered with 200 and
 * nothing once it is committed; a refusal is said to whoever pressed it, and to nobody else.
 */
export const receiveSlack = (context: Context): Untagged =>
  operation({
    id: 'receiveSlack',
    route: 'POST /v1/hooks/slack/{source}',
    summary: 'Takes what people press in Slack: whoever did acknowledges an incident, or approves',
    role: 'sender',
    sender: {
      proof: 'slackSignature',
      bodies: {
        'application/x-www-form-urlencoded': z.object({
          payload: z.string().meta({ description: 'The interaction, as JSON' }),
        }),
      },
    },
    params: BySource,
    limit: 1024 * 1024,
    answer: { status: 200, description: 'Committed, or nothing to do' },
    async handle({ params, body, headers }) {
      const source = await sourceOf(params.source, 'slack', context);
      const bytes = body as Buffer;
      const signed = { signature: headers['x-slack-signature'], timestamp: headers['x-slack-request-timestamp'] };
      if (!verifySlack(bytes, signed, await secretsOf(source, context), new Date()))
        throw new HttpError(401, 'the signature in X-Slack-Signature is missing or wrong, or its time is not ours');
      const pressed = pressedIn(bytes);
      if (!pressed) return {};
      try {
        await obey(pressed, source, context);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        await refuseInPrivate(context, pressed, source, error.message);
      }
      return {};
    },
  });

const pressedIn = (body: Buffer): Pressed | undefined => {
  try {
    return readSlack(body);
  } catch (error) {
    if (error instanceof DomainError) throw new HttpError(400, error.message);
    throw error;
  }
};

const obey = async (pressed: Pressed, source: SourceSpec, context: Context): Promise<void> => {
  const { asks, user, at } = pressed;
  if ('incident' in asks) {
    const access = await accessFor(pressed, source, 'responder', context);
    const key = { 'idempotency-key': `slack/${user}/${at}` };
    await askIncident(context, String(asks.incident), { type: 'acknowledge' }, { access, headers: key });
    return;
  }
  if (!source.approvals)
    throw new DomainError('not-allowed', 'nobody approves here: the Source does not have `approvals: true`');
  const access = await accessFor(pressed, source, 'approver', context);
  if (!access.holds('approver')) throw new DomainError('not-allowed', 'it takes the role approver in a team');
  const { approval, stage, digest } = asks;
  const ballot = { decision: 'approve', stage, digest, reason: '', channel: 'slack' } as const;
  await vote(context, approval as ApprovalId, ballot, access);
};

/**
 * What the person may do who has this login. Whoever holds the secret of the source could press any button: so it speaks for
 * members of its team alone, or about what is of its team.
 */
const accessFor = async (
  { logins, asks }: Pressed,
  source: SourceSpec,
  scope: 'responder' | 'approver',
  { recent, stores }: Context,
): Promise<Access> => {
  const people = await recent.list('Person');
  const person = people.find(({ spec }) => spec.logins?.slack?.some((login) => logins.includes(login)));
  if (!person)
    throw new DomainError(
      'not-allowed',
      `Evenkeel does not know who you are: have ${logins[0] ?? 'your member id'} added to logins.slack of your Person`,
    );
  const teams = await recent.list('Team');
  const members = teams.find(({ name }) => name === source.team)?.spec.members ?? [];
  const isTheirs = members.some((member) => member.person === person.name);
  const about =
    'incident' in asks
      ? await stores.incidents.find(asks.incident)
      : await stores.approvals.find(asks.approval as ApprovalId);
  if (!isTheirs && about?.team !== source.team) throw new DomainError('not-found', `there is no ${nameOf(asks)}`);
  const { name: holder, spec } = person;
  const createdBy = { type: 'person', name: holder } as const;
  return accessOf({ id: '', kind: 'personal', holder, team: null, scope, createdBy }, teams, spec);
};

const nameOf = (asks: SlackButton): string =>
  'incident' in asks ? `incident ${asks.incident}` : `approval ${asks.approval}`;

/**
 * Whoever holds the secret of a source names any channel, conversation and record: what is of its team alone is answered. What
 * is private is of no team.
 */
const refuseInPrivate = async (
  { stores, recent, log }: Context,
  { asks, channel, conversation, user, at }: Pressed,
  { team }: SourceSpec,
  why: string,
): Promise<void> => {
  log.info({ user, asks: nameOf(asks), why }, 'a button in Slack was refused');
  const isThere = (await recent.find('NotificationChannel', channel))?.type === 'slack';
  const belongsTo =
    'incident' in asks
      ? incidentReference(asks.incident)
      : (await stores.approvals.find(asks.approval as ApprovalId))?.belongsTo;
  if (!isThere || conversation === undefined || belongsTo === undefined) return;
  if ((await stores.records.find(belongsTo))?.team !== team) return;
  const key = `${belongsTo}/slack/${user}/${at}`;
  const subject = 'incident' in asks ? 'Not acknowledged' : 'Not approved';
  const words = { subject, text: `${subject}: ${why}` };
  await stores.outbox.put(key, belongsTo, { kind: 'slack', channel, to: conversation, only: user, ...words });
};
