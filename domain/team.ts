import { z } from 'zod';
import { Role } from './actor.ts';
import { nameOf } from './annotation.ts';
import { Contact } from './contact.ts';
import { MessageTexts } from './message-text.ts';
import { inOrder, span, Zone } from './schedule.ts';
import { holidays, hoursOfDay, Weekday } from './wall.ts';

const some = (login: z.ZodString | z.ZodEmail) => z.array(login).max(20).optional();

const Logins = z.strictObject({
  github: some(
    z.string().regex(/^[a-z\d](?:[a-z\d-]{0,38})?(?:_[a-z\d]{1,20})?$/i, 'expected a login such as octocat'),
  ),
  email: some(z.email().max(254)).meta({ description: 'Further addresses' }),
  slack: some(
    z
      .string()
      .regex(/^[TE][A-Z\d]{2,20}\/[UW][A-Z\d]{2,20}$/, 'expected workspace and member, such as T024BE7LD/U023BECGF'),
  ).meta({ description: 'Workspace (or organisation) and member, as Slack writes their ids' }),
  oidc: some(z.string().min(1).max(500)).meta({ description: 'Subjects, as the provider writes them' }),
  other: some(z.string().min(1).max(500)).meta({
    description: 'Names that other senders use, such as authid of CloudEvents',
  }),
});

/** Somebody who works with Evenkeel. */
export const PersonSpec = z
  .strictObject({
    name: z.string().min(1).max(200),
    email: z.email().max(254),
    logins: Logins.optional().meta({
      description: 'Names that senders use for this person, who cannot approve what they triggered',
    }),
    contacts: z.array(Contact).min(1).max(10).optional().meta({
      description: 'Ways to page this person, in order; the mail address at once unless said',
    }),
    auditor: z.boolean().default(false).meta({ description: 'Reads everything, changes nothing' }),
    delegate: inOrder(z.strictObject({ to: nameOf('Person'), ...span }))
      .optional()
      .meta({ description: 'Who may vote for this person in this period; one level' }),
  })
  .meta({ id: 'PersonSpec' });
export type PersonSpec = z.infer<typeof PersonSpec>;

export const WorkingHours = z.strictObject({
  zone: Zone.optional().meta({ description: 'Unless said, the zone of its Schedule, else UTC' }),
  days: z.array(Weekday).min(1).max(7).default(['mon', 'tue', 'wed', 'thu', 'fri']),
  from: hoursOfDay.from.default('09:00'),
  until: hoursOfDay.until.default('17:00'),
  holidays: holidays.meta({ description: 'Dates on which the team does not work' }),
});

/** People who answer for services together; roles are held per team. */
export const TeamSpec = z
  .strictObject({
    description: z.string().max(1050).default(''),
    members: z
      .array(z.strictObject({ person: nameOf('Person'), role: Role }))
      .min(1)
      .max(500),
    schedule: nameOf('Schedule').optional().meta({ description: 'On-call Schedule' }),
    severityPolicy: nameOf('SeverityPolicy')
      .optional()
      .meta({ description: 'What its incidents ask of whoever responds (default: the one that is built in)' }),
    problemPolicy: nameOf('ProblemPolicy')
      .optional()
      .meta({ description: 'When its problems open by themselves (default: the one that is built in)' }),
    escalation: nameOf('EscalationPolicy').optional().meta({
      description: 'EscalationPolicy of its services, unless a service has its own',
    }),
    signals: z
      .array(nameOf('NotificationChannel'))
      .max(20)
      .optional()
      .meta({ description: 'NotificationChannels that receive its improvement signals' }),
    messages: MessageTexts.optional().meta({ description: 'Words of its own, in Liquid' }),
    workingHours: WorkingHours.optional().meta({
      description: 'When the team works; unless said, 09:00 to 17:00 from Monday to Friday',
    }),
  })
  .meta({ id: 'TeamSpec' });
export type TeamSpec = z.infer<typeof TeamSpec>;
