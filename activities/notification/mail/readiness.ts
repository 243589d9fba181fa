import type { Notice } from '../../../domain/notice.ts';
import type { Waiver } from '../../../domain/readiness.ts';
import { type About, inLine, type Mail, showing } from './about.ts';

/** A mail is read on a phone; the plan shows the rest. */
const mostCommands = 10;

/** What blocks the plan, and how a waiver lets it go on. */
export const notReadyText = ({
  blockers,
  checks,
  service,
  environment,
  readyBy,
}: Extract<Notice, { reason: 'not-ready' }>): string => {
  const until = readyBy === undefined ? '' : ` It waits until ${readyBy}.`;
  const commands = checks
    .slice(0, mostCommands)
    .map((check) => `evenkeel readiness waive ${service} ${environment} ${check} --valid-for 8h --reason "…"`);
  return [
    'These checks block it:',
    ...blockers,
    '',
    `Once they pass, it goes on by itself.${until} To go on without them, request a waiver, which another person grants:`,
    ...commands,
  ].join('\n');
};

/** To those who may grant it. */
export const waiverText = (
  { id, check, service, environment, requestedBy, reason, expiresAt }: Waiver,
  about: About,
): Mail => ({
  subject: `${about.title}: ${requestedBy} requests a waiver of ${check}`,
  text: `${requestedBy} wants to deploy ${service} to ${environment} without ${check} until ${expiresAt}: ${inLine(reason)}\n\nThe plan waits for your decision. Grant the waiver, or withdraw it:\nevenkeel readiness grant ${id}\nevenkeel readiness withdraw ${id} --reason "…"\n\n${showing(about)}`,
});
