import type { Context } from '../../context.ts';
import type { Untagged } from '../../operation.ts';
import { planCommands } from './commands.ts';
import { planReads } from './reads.ts';

export const planOperations = (context: Context): Untagged[] => [...planReads(context), ...planCommands(context)];
