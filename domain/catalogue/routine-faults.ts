import type { Document } from '../document.ts';
import { DomainError } from '../errors.ts';
import { parametersOf } from '../plan-template/parameter.ts';
import { servicesOf } from '../routine/selection.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/** A routine acts with the authority of its owner, and gives its template what that takes. */
export const routineFaults = (document: Document, catalogue: Lookup): Fault[] => {
  if (!isOf(document, 'Routine')) return [];
  const { owner, services, template, parameters } = document.spec;
  const foreign = services.names.flatMap((name, at): Fault[] => {
    const { owner: other = owner } = catalogue.find('Service', name) ?? {};
    const message = `${name} belongs to team ${other}, the routine to ${owner}`;
    return other === owner ? [] : [{ path: ['spec', 'services', 'names', at], message }];
  });
  const taken = catalogue.find('PlanTemplate', template)?.parameters;
  if (!taken) return foreign;
  try {
    parametersOf(taken, parameters);
    return foreign;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return [...foreign, { path: ['spec', 'parameters'], message: error.message }];
  }
};

/** Warnings: it may be that the services come later. */
export const idleRoutines = (document: Document, catalogue: Lookup): Fault[] =>
  isOf(document, 'Routine') && servicesOf(document.spec, catalogue.of('Service')).length === 0
    ? [
        {
          path: ['spec', 'services'],
          message: `selects no service of team ${document.spec.owner}: its runs are skipped until one is there`,
        },
      ]
    : [];
