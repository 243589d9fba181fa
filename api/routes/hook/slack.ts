import { z } from 'zod';
import { readSlack, type Pressed } from '../../../domain/chat.ts';
import { DomainError } from '../../../domain/errors.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../../domain/identifiers.ts';
import { verifySlack } from '../../../domain/signature.ts';
import type { SourceSpec } from '../../../domain/source.ts';
import { type Access, accessOf } from '../../access.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import { operation, type Untagged } from '../../operation.ts';
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
    summary: 'Takes what people press in Slack: an incident is acknowledged by whoever did',
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
        const access = await accessFor(pressed, source, context);
        const key = { 'idempotency-key': `slack/${pressed.user}/${pressed.at}` };
        await askIncident(context, String(pressed.incident), { type: 'acknowledge' }, { access, headers: key });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        await refuseInPrivate(context, pressed, error.message);
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

/**
 * What the person may do who has this login. Whoever holds the secret of the source could press any button: so it speaks for
 * members of its team alone, or about incidents of its team.
 */
const accessFor = async (
  { logins, incident }: Pressed,
  source: SourceSpec,
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
  if (!isTheirs && (await stores.incidents.find(incident))?.team !== source.team)
    throw new DomainError('not-found', `there is no incident ${incident}`);
  const { name: holder, spec } = person;
  const createdBy = { type: 'person', name: holder } as const;
  return accessOf({ id: '', kind: 'personal', holder, team: null, scope: 'responder', createdBy }, teams, spec);
};

const refuseInPrivate = async (
  { stores, recent, log }: Context,
  { incident, channel, conversation, user, at }: Pressed,
  why: string,
): Promise<void> => {
  log.info({ user, incident, why }, 'a button in Slack was refused');
  const isThere = (await recent.find('NotificationChannel', channel))?.type === 'slack';
  if (!isThere || conversation === undefined) return;
  const key = `${incidentWorkflowIdOf(incident)}/slack/${user}/${at}`;
  const words = { subject: 'Not acknowledged', text: `Not acknowledged: ${why}` };
  await stores.outbox.put(key, incidentReference(incident), {
    kind: 'slack',
    channel,
    to: conversation,
    only: user,
    ...words,
  });
};
