import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const importStatement = /^(?:import|export) (type )?[\s\w{},*]* from '([^']+)'/gm;

/** What a file imports: files by their path from the root, packages by their name, `type x` where only types are taken. */
export const importsOf = (file: string): string[] =>
  Array.from(
    readFileSync(join(root, file), 'utf8').matchAll(importStatement),
    ([, type = '', from = '']) => type + (from.startsWith('.') ? join(dirname(file), from) : from),
  );
