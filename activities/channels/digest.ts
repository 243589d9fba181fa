import type { Message } from '../../domain/ports.ts';

/** One message that names everything that waited for its receiver, the worst first. */
export const digestOf = (messages: readonly Message[]): Message => {
  const [first, ...others] = messages.toSorted((a, b) => severityOf(a).localeCompare(severityOf(b)));
  if (!first) throw new Error('there is nothing to say');
  if (others.length === 0) return first;
  const all = [first, ...others];
  const subject = `${all.length} incidents page you, the worst ${severityOf(first)}`;
  switch (first.kind) {
    case 'email': {
      const said = all.flatMap((message) => (message.kind === 'email' ? [message] : []));
      const list = said.map((message) => `- ${message.subject}`);
      const text = [
        'More came than one message each would have told you:',
        ...list,
        '',
        ...said.flatMap((message) => ['-'.repeat(40), message.text, '']),
      ];
      return { ...first, subject, text: text.join('\n') };
    }
    case 'webhook':
      return {
        ...first,
        type: 'evenkeel.incident.paged-digest',
        data: { incidents: all.flatMap((message) => (message.kind === 'webhook' ? [message.data] : [])) },
      };
  }
};

const severityOf = ({ page }: Message): string => page?.severity ?? '';
