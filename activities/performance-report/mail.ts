import type { ImprovementSignal } from '../../domain/improvement-signal.ts';
import type { Message } from '../../domain/message.ts';
import { oneLine } from '../../domain/one-line.rules.ts';

/** The signal in words, for an issue or a mail. */
export const signalText = ({
  id,
  service,
  targetStages,
  severity,
  action,
  why,
  evidence,
  dueAt,
}: ImprovementSignal): string =>
  [
    why,
    '',
    `What to improve: ${action}`,
    `Where: ${targetStages.join(', ')}${service === undefined ? '' : ` (${service})`}; severity ${severity}`,
    `Evidence: ${evidence.length === 0 ? 'private records alone' : evidence.slice(0, 20).join(', ')}${evidence.length > 20 ? ` and ${evidence.length - 20} more` : ''}`,
    '',
    `An answer is due by ${dueAt.slice(0, 10)}:`,
    `evenkeel signal answer ${id} accepted --reason "…"`,
    `evenkeel signal answer ${id} rejected --reason "…"`,
  ].join('\n');

export const signalTitle = ({ kind, service, cluster }: ImprovementSignal): string =>
  oneLine(
    `Improvement signal: ${kind.replaceAll('-', ' ')}${service === undefined ? '' : ` of ${service}`} (${cluster})`,
    200,
  );

export const reminderOf = (signal: ImprovementSignal, to: string): Message => ({
  kind: 'email',
  to,
  subject: oneLine(`${signal.status === 'open' ? 'No answer yet' : 'Not done yet'}: ${signalTitle(signal)}`, 200),
  text:
    signal.status === 'open'
      ? signalText(signal)
      : [
          `It was accepted, and was to be done by ${signal.dueAt.slice(0, 10)}.`,
          '',
          `evenkeel signal answer ${signal.id} done --reason "…" --effect "what was measured afterwards"`,
          `evenkeel signal answer ${signal.id} rejected --reason "…"`,
        ].join('\n'),
});
