import type { Context } from '../../context.ts';
import type { Operation } from '../../operation.ts';
import { planCommands } from './commands.ts';
import { planReads } from './reads.ts';

export const planOperations = (context: Context): Operation[] => [...planReads(context), ...planCommands(context)];
