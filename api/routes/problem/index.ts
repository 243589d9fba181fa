import type { Context } from '../../context.ts';
import type { Untagged } from '../../operation.ts';
import { problemCommands } from './commands.ts';
import { openProblem } from './open.ts';
import { problemReads } from './reads.ts';

export const problemOperations = (context: Context): Untagged[] => [
  ...problemReads(context),
  openProblem(context),
  ...problemCommands(context),
];
