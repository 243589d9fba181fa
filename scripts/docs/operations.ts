import type { Context } from '../../api/context.ts';
import type { Operation } from '../../api/operation.ts';
import { recordViews } from '../../api/routes/record-views.ts';
import { operationsOf } from '../../api/routes/index.ts';
import { table } from './table.ts';

/** The map of operations; nothing of it is called, so it needs no stores. */
export const operations = (): Operation[] => operationsOf({ stores: {}, views: recordViews } as unknown as Context);

/** Every route with the least role, by tag. */
export function operationTables(): string {
  const all = operations();
  return [...new Set(all.map(({ tag }) => tag))]
    .map((tag) => {
      const rows = all
        .filter((each) => each.tag === tag)
        .map(({ method, path, role, summary }) => [`\`${method.toUpperCase()} ${path}\``, role, summary]);
      return `### ${tag[0]?.toUpperCase()}${tag.slice(1)}\n\n${table(['Request', 'Least role', 'What it does'], rows)}`;
    })
    .join('\n\n');
}
