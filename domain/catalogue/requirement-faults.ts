import type { Document } from '../document.ts';
import { milliseconds } from '../duration.ts';
import { strictestPercent } from '../objective/strictest.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

const at = (...path: string[]): Fault['path'] => ['spec', 'requirements', ...path];

/** What cannot be met, whatever is done: a recovery that takes longer than may be tolerated. */
export const requirementFaults = (document: Document): Fault[] => {
  if (!isOf(document, 'Service')) return [];
  const { rto, mtpd } = document.spec.requirements;
  if (!rto || !mtpd || milliseconds(rto.within) <= milliseconds(mtpd.within)) return [];
  return [{ path: at('rto', 'within'), message: `${rto.within} is longer than the MTPD, ${mtpd.within}` }];
};

/** What was agreed and is not promised: by the service's own SLO, or by what it depends on. */
export const requirementWarnings = (document: Document, catalogue: Lookup): Fault[] => {
  if (!isOf(document, 'Service')) return [];
  const { requirements, slo: name, dependsOn } = document.spec;
  const { availability, rto } = requirements;
  const slo = catalogue.find('SLO', name);
  const target = slo && strictestPercent(slo);
  const slower = (dependency: string): string | undefined => {
    const needed = catalogue.find('Service', dependency)?.requirements.rto;
    return rto && needed && milliseconds(needed.within) > milliseconds(rto.within)
      ? `${dependency}, on which it depends, recovers within ${needed.within} only`
      : undefined;
  };
  return [
    ...(availability && target !== undefined && target < availability.percent
      ? [
          {
            path: at('availability', 'percent'),
            message: `${availability.percent} % was agreed, and ${name} promises ${target} %`,
          },
        ]
      : []),
    ...dependsOn
      .flatMap((dependency) => slower(dependency) ?? [])
      .map((message) => ({ path: at('rto', 'within'), message })),
  ];
};
