import type { Task } from '../../../domain/task.ts';

/** What is to be done and written down, with the command that says that it is done. */
export const taskText = ({ id, title, instructions, dueAt, form }: Task): string => {
  const fields = form.map(
    ({ field, label, type, required }) => `- ${field}: ${label} (${type}${required ? '' : ', optional'})`,
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

/** What may stand in a field of each type, so that the command can be pasted, and edited. */
const samples = { text: '"…"', number: '0', boolean: 'true' } as const;
