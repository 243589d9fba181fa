/** Text that stays inside of its cell; outside of code an angle bracket would begin a tag. */
export const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .split('`')
    .map((part, at) => (at % 2 === 0 ? part.replaceAll('<', '\\<') : part))
    .join('`');

/** A table in Markdown; a column that is empty in every row is left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = head.map((_, at) => at).filter((at) => rows.some((row) => row[at] !== ''));
  const line = (cells: readonly string[]): string => `| ${kept.map((at) => cell(cells[at] ?? '')).join(' | ')} |`;
  return [line(head), `|${kept.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
