import type { Document } from '../document.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/**
 * A service whose gates nobody could answer: sources of GitHub speak of it, and none of them has an App. Said of the service, or
 * of the source that was applied without it.
 */
export const unanswerableGates = (
  document: Document,
  catalogue: Lookup,
  isApplied: (service: string) => boolean,
): Fault[] => {
  if (isOf(document, 'Service')) {
    const { gate } = document.spec.plans;
    if (gate === undefined || !isUnanswerable(document.name, catalogue)) return [];
    return [
      { path: ['spec', 'plans', 'gate'], message: `no source of GitHub that speaks of ${document.name} has an app` },
    ];
  }
  if (!isOf(document, 'Source')) return [];
  const { app, format } = document.spec;
  if (app !== undefined && format !== 'github')
    return [{ path: ['spec', 'app'], message: `a source of format ${format} has no gates to answer` }];
  return document.spec.mappings.flatMap(({ to: { service } }, at) =>
    !isApplied(service) &&
    catalogue.find('Service', service)?.plans.gate !== undefined &&
    isUnanswerable(service, catalogue)
      ? [
          {
            path: ['spec', 'mappings', at, 'to', 'service'],
            message: `${service} has a plan for gates, which no source without an app can answer`,
          },
        ]
      : [],
  );
};

const sourcesOf = (service: string, catalogue: Lookup) =>
  catalogue
    .of('Source')
    .filter(({ spec }) => spec.format === 'github' && spec.mappings.some(({ to }) => to.service === service));

const isUnanswerable = (service: string, catalogue: Lookup): boolean => {
  const sources = sourcesOf(service, catalogue);
  return sources.length > 0 && sources.every(({ spec }) => spec.app === undefined);
};

/** Its source may come later, so that nobody speaks of it yet is no fault. */
export const unheardGates = (document: Document, catalogue: Lookup): Fault[] =>
  isOf(document, 'Service') &&
  document.spec.plans.gate !== undefined &&
  sourcesOf(document.name, catalogue).length === 0
    ? [{ path: ['spec', 'plans', 'gate'], message: `no source of GitHub speaks of ${document.name}` }]
    : [];
