import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { File } from '../../domain/catalogue/yaml.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The documents of the example company, as `evenkeel apply examples/company` sends them. */
export const companyFiles = (): File[] =>
  globSync('examples/company/*.yaml', { cwd: root })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
