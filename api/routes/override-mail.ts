import type { Override } from '../../domain/override.ts';
import type { Message } from '../../domain/message.ts';

/** In one line, so that it cannot pass for a line of ours. */
const inLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ');

const swapText = ({ inReturn, askedBy, person }: Override): string =>
  inReturn
    ? `\nIn return, ${askedBy} is on call instead of ${person} from ${inReturn.from} until ${inReturn.until}.`
    : '';

const timeText = ({ schedule, from, until }: Override): string => `${schedule} from ${from} until ${until}`;

/** Whoever is asked has what it takes to answer. */
export const askedMail = (override: Override, to: string): Message => ({
  kind: 'email',
  to,
  subject: `${override.askedBy} asks you to be on call for ${override.schedule}`,
  text: `${override.askedBy} asks you to be on call for ${timeText(override)}: ${inLine(override.reason)}${swapText(override)}

It counts once you accept:
evenkeel schedule accept ${override.id}
evenkeel schedule decline ${override.id}`,
});

/** The other one of the two learns what was done. */
export const answeredMail = (override: Override, by: string, to: string, reason = ''): Message => ({
  kind: 'email',
  to,
  subject: `${by} has ${override.status} an override of ${override.schedule}`,
  text: `${by} has ${override.status} that ${override.person} is on call for ${timeText(override)}${reason === '' ? '' : `: ${inLine(reason)}`}${swapText(override)}

evenkeel schedule show ${override.schedule}`,
});
