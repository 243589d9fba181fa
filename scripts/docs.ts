import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { blocks } from './docs/blocks.ts';

const root = join(import.meta.dirname, '..');
const formatter = join(root, 'node_modules', 'oxfmt', 'bin', 'oxfmt');

/** Pages with blocks that are made from the code; what stands around the blocks is written by hand. */
export const generatedPages = [
  'CONTRIBUTING.md',
  'docs/operations-as-code.md',
  'docs/api.md',
  'docs/cli.md',
  'docs/running-in-production.md',
];

/** The page with each of its blocks made anew. Throws when it names a block that nobody makes. */
export function renderPage(text: string): string {
  const filled = text.replaceAll(
    /(<!-- made: (\S+) -->\n)[\s\S]*?(<!-- end: \2 -->)/g,
    (_, begin: string, name: string, end: string) => {
      const make = blocks[name];
      if (!make) throw new Error(`there is no block ${name}`);
      return `${begin}\n${make().trim()}\n\n${end}`;
    },
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [formatter, '--stdin-filepath', join(root, 'page.md')],
    { input: filled, encoding: 'utf8', cwd: root },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Writes the blocks of all pages; with `--check` only says which pages differ, and fails. */
function main(isCheck: boolean): void {
  for (const page of generatedPages) {
    const path = join(root, page);
    const before = readFileSync(path, 'utf8');
    const after = renderPage(before);
    if (before === after) continue;
    if (isCheck) {
      console.error(`${page} is not what the code says: run node scripts/docs.ts`);
      process.exitCode = 1;
    } else {
      writeFileSync(path, after);
      console.log(`${page} written`);
    }
  }
}

if (import.meta.main) main(process.argv.includes('--check'));
