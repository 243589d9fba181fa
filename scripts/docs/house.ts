import { globSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf } from '../imports.ts';

const root = join(import.meta.dirname, '..', '..');
const columns = ['roles', 'cli', 'embedded', 'api', 'workers', 'workflows', 'activities', 'storage', 'domain'];

/** The columns with an arrow for each pair of which one imports from the other: how often, and dashed for types alone. */
export function housePicture(): string {
  const arrows = columns.flatMap((from) => {
    const imports = globSync(`${from}/**/*.ts`, { cwd: root }).flatMap(importsOf);
    return columns
      .filter((to) => to !== from)
      .flatMap((to) => {
        const values = imports.filter((target) => target.startsWith(`${to}/`)).length;
        const types = imports.filter((target) => target.startsWith(`type ${to}/`)).length;
        if (values + types === 0) return [];
        return [`  ${from} ${values === 0 ? '-.->' : '-->'}|${values + types}| ${to}`];
      });
  });
  return ['```mermaid', 'flowchart TD', ...arrows, '```'].join('\n');
}
