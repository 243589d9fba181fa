import type { Message } from '../../domain/message.ts';

/** One message that names everything that waited for its receiver, the worst first. */
export const digestOf = (messages: readonly Message[]): Message => {
  const [first, ...others] = messages.toSorted((a, b) => severityOf(a).localeCompare(severityOf(b)));
  if (!first) throw new Error('there is nothing to say');
  if (others.length === 0) return first;
  const all = [first, ...others];
  const subject = `${all.length} incidents page you, the worst ${severityOf(first)}`;
  const list = all.map((message) => `- ${titleOf(message)}`).join('\n');
  switch (first.kind) {
    case 'email':
      return { ...first, subject, text: `${list}\n\n${all.map(textOf).join(`\n\n${'-'.repeat(40)}\n\n`)}` };
    case 'slack': {
      const { button: _, ...rest } = first;
      return { ...rest, subject, text: list };
    }
    case 'teams':
      return { ...first, subject, text: list };
    case 'gateway': {
      const numbers = all.flatMap((message) => (message.kind === 'gateway' ? [message.incident] : []));
      return { ...first, text: `${subject}: ${numbers.join(', ')}. ${first.text}` };
    }
    case 'webhook':
      return {
        ...first,
        type: 'evenkeel.incident.paged-digest',
        data: { incidents: all.flatMap((message) => (message.kind === 'webhook' ? [message.data] : [])) },
      };
    // Each incident is an alert of its own there, so none is held back; issues, gates and status pages page nobody.
    case 'pagerduty':
    case 'github':
    case 'gate':
    case 'statuspage':
      return first;
  }
};

const severityOf = ({ page }: Message): string => page?.severity ?? '';
const titleOf = (message: Message): string =>
  'subject' in message ? message.subject : message.kind === 'gateway' ? message.text : '';
const textOf = (message: Message): string => ('text' in message ? message.text : '');
