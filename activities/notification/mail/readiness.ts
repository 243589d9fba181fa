import type { Notice } from '../../../domain/notice.ts';
import type { Waiver } from '../../../domain/readiness.ts';
import { type About, inLine, type Mail, showing } from './about.ts';

/** A mail is read on a phone; the plan shows the rest. */
const mostCommands = 10;

/** What stands in the way, and how a waiver lets the plan go on. */
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
    `These checks stand in the way:`,
    ...blockers,
    '',
    `Mend what they look at, and it goes on by itself.${until} Or ask for a waiver, which another person grants:`,
    ...commands,
  ].join('\n');
};

/** To those who may grant it. */
export const waiverText = (
  { id, check, service, environment, requestedBy, reason, expiresAt }: Waiver,
  about: About,
): Mail => ({
  subject: `${about.title}: ${requestedBy} asks for a waiver of ${check}`,
  text: `${requestedBy} asks to go on in ${environment} of ${service} without ${check} until ${expiresAt}: ${inLine(reason)}\n\nThe plan waits for it. Grant the waiver, or withdraw it:\nevenkeel readiness grant ${id}\nevenkeel readiness withdraw ${id} --reason "…"\n\n${showing(about)}`,
});
