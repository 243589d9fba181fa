import { DomainError } from '../../domain/errors.ts';
import type { Drill, DrillCommand, DrillInput } from './drill.ts';

type Of<Type extends DrillCommand['type']> = Extract<DrillCommand, { type: Type }>;

export const isOver = ({ status }: Drill): boolean => status !== 'planned';

export const open = (input: DrillInput): Drill => ({ ...input, status: 'planned', rev: 1, notes: [], tasks: [] });

export const note = (drill: Drill, { text }: Of<'note'>): Drill => ({ ...drill, notes: [...drill.notes, text] });

export function cancel(drill: Drill): Drill {
  if (isOver(drill)) throw new DomainError('conflict', `drill ${drill.id} is ${drill.status}`);
  return { ...drill, status: 'cancelled' };
}
