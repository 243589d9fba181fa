import { approvalScope, checkScope, mappingScope, variablesOf } from '../../domain/rule/scope.ts';
import { checkPlaceholders, stepPlaceholders } from '../../domain/catalogue/placeholder.ts';
import { commandTables } from './commands.ts';
import { configTable } from './environment.ts';
import { housePicture } from './house.ts';
import { kindSections, sharedSections } from './kinds.ts';
import { operationTables } from './operations.ts';

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** What the code says, by the name that a page calls it. */
export const blocks: Record<string, () => string> = {
  kinds: kindSections,
  shared: sharedSections,
  'rule-variables': () =>
    [
      '| Where | Variables |',
      '|---|---|',
      `| \`appliesIf\`, \`when\` of an activity, \`rule\` of a \`catalogue\` evidence | ${listed(variablesOf(checkScope))} |`,
      `| \`when\` of a mapping of a Source | ${listed(variablesOf(mappingScope))} |`,
      `| \`notNeededWhen\` of an ApprovalPolicy | ${listed(variablesOf(approvalScope))} |`,
    ].join('\n'),
  placeholders: () =>
    [
      '| Where | Placeholders |',
      '|---|---|',
      `| Readiness checks | ${listed(checkPlaceholders)}, \`environment.<variable>\` |`,
      `| Steps, their undo, tasks | ${listed(stepPlaceholders)}, \`environment.<variable>\` |`,
    ].join('\n'),
  operations: operationTables,
  commands: commandTables,
  environment: configTable,
  house: housePicture,
};
