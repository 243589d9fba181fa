import { type Reference } from '../../domain/reference.ts';
import { referenceTo } from '../../domain/identifiers.ts';

export const drillReference = (id: string): Reference => referenceTo('drill', id);
export const drillWorkflowIdOf = (id: string): string => `drill/${id}`;
export const drillUpdates = { note: 'noteDrill', cancel: 'cancelDrill' } as const;
