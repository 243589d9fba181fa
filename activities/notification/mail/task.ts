import type { Task } from '../../../domain/task.ts';
import { failingText } from '../../../domain/task.rules.ts';
import { inLine } from './about.ts';

/** What is to be done and written down, with the command that says that it is done. */
export const taskText = ({ id, title, instructions, dueAt, form }: Task): string => {
  const fields = form.map(
    ({ field, label, type, required, failsWhen }) =>
      `- ${field}: ${label} (${type}${required ? '' : ', optional'})${failingText(failsWhen)}`,
  );
  const set = form.filter(({ required }) => required).map(({ field, type }) => ` --set ${field}=${samples[type]}`);
  const asked = fields.length === 0 ? [] : ['Fill in:', ...fields, ''];
  return [
    title,
    '',
    instructions,
    '',
    `Due ${dueAt}.`,
    '',
    ...asked,
    `evenkeel task complete ${id}${set.join('')}`,
  ].join('\n');
};

/** Who does it now, and why. */
export const movedText = ({ title, reassigned = [] }: Task): string => {
  const { from, to, by, reason } = reassigned.at(-1)!;
  return `${by} has given the task "${title}" to ${to} instead of ${from}: ${inLine(reason)}`;
};

/** What may stand in a field of each type, so that the command can be pasted, and edited. */
const samples = { text: '"…"', number: '0', boolean: 'true' } as const;
