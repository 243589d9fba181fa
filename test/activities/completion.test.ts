import { expect, test } from 'vitest';
import { aboutOf } from '../../domain/trigger/about.ts';
import { completionMarkdown } from '../../activities/operation-plan/completion.ts';
import { plan } from '../support/builders.ts';

const rowsOf = (of: ReturnType<typeof plan>): string[] =>
  completionMarkdown({ plan: of, review: null, runs: [], approvals: [], effects: [] }).split('\n');

test('the report of a plan that was never planned has no revision and no digest', () => {
  const rejected = plan({ status: 'rejected', revision: 0 });

  expect(rowsOf(rejected)).toContain(`| Plan | \`${rejected.id}\` |`);
});

test('the report says which content was carried out, and what set it off', () => {
  const completed = plan({ status: 'completed', revision: 2, digest: 'abc' });

  expect(rowsOf(completed)).toContain(`| Plan | \`${completed.id}\`, revision 2, digest \`abc\` |`);
  expect(rowsOf(completed).join('\n')).toContain(`| Trigger | deployment, ${aboutOf(completed.trigger)}, reported by `);
});
