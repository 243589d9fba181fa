import type { Document } from '../document.ts';
import { product } from '../objective/decimal.rules.ts';
import { strictestPercent } from '../objective/strictest.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/** What is wrong between a supplier and the services that it serves. */
export const supplierFaults = (document: Document, catalogue: Lookup): Fault[] => [
  ...ownerless(document, catalogue),
  ...endlessAccess(document),
  ...infeasible(document, catalogue),
];

/** Its plans are opened for one of its services, by the team that answers for the supplier. */
const ownerless = (document: Document, catalogue: Lookup): Fault[] => {
  if (!isOf(document, 'Supplier')) return [];
  const { services, owner } = document.spec;
  const found = services.flatMap(({ service }) => catalogue.find('Service', service) ?? []);
  if (found.length < services.length || found.some((service) => service.owner === owner)) return [];
  return [{ path: ['spec', 'owner'], message: `team ${owner} owns none of the services that the supplier serves` }];
};

/** An access that ends, and nobody to end it. */
const endlessAccess = (document: Document): Fault[] =>
  isOf(document, 'Supplier') && document.spec.access.length > 0 && document.spec.plans.revocation === undefined
    ? [{ path: ['spec', 'access'], message: 'each of them ends: plans.revocation has to name what takes it back' }]
    : [];

/** A target that the suppliers on which the service stands cannot carry: parts in series are available as their product is. */
const infeasible = (document: Document, catalogue: Lookup): Fault[] =>
  touchedBy(document, catalogue).flatMap((service) => {
    const slo = catalogue.find('SLO', catalogue.find('Service', service)?.slo);
    const target = slo && strictestPercent(slo);
    const parts = carriersOf(service, catalogue);
    if (target === undefined || parts.length === 0) return [];
    const carried = parts.map(({ percent }) => percent).reduce((one, other) => product(product(one, other), 0.01));
    if (target <= carried) return [];
    const sum = parts.map(({ name, percent }) => `${name} ${percent} %`).join(' x ');
    const result = parts.length === 1 ? '' : ` = ${carried} %`;
    const message = `${service} is to be available ${target} % of the time, which its suppliers cannot carry: ${sum}${result}`;
    return [{ path: pathIn(document), message }];
  });

const pathIn = (document: Document): Fault['path'] =>
  isOf(document, 'Supplier') ? ['spec', 'sla'] : isOf(document, 'Service') ? ['spec', 'slo'] : ['spec', 'objectives'];

/** The services whose arithmetic the document is part of. */
const touchedBy = (document: Document, catalogue: Lookup): string[] => {
  if (isOf(document, 'Service')) return [document.name];
  if (isOf(document, 'SLO'))
    return catalogue.of('Service').flatMap(({ name, spec }) => (spec.slo === document.name ? [name] : []));
  if (!isOf(document, 'Supplier')) return [];
  const served = document.spec.services.flatMap(({ service, hard }) => (hard ? [service] : []));
  return catalogue
    .of('Service')
    .flatMap(({ name }) => (standsOn(name, catalogue).some((service) => served.includes(service)) ? [name] : []));
};

/** The service and all that it needs; one of a redundant group may be down. */
const standsOn = (service: string, catalogue: Lookup, seen: readonly string[] = []): string[] => {
  if (seen.includes(service)) return [];
  const { dependsOn = [], redundant = [] } = catalogue.find('Service', service) ?? {};
  const needed = dependsOn.filter((name) => !redundant.some((group) => group.includes(name)));
  return needed.reduce((all, name) => [...all, ...standsOn(name, catalogue, [...seen, ...all])], [service]);
};

const carriersOf = (service: string, catalogue: Lookup): { name: string; percent: number }[] => {
  const needed = standsOn(service, catalogue);
  return catalogue.of('Supplier').flatMap(({ name, spec }) => {
    const isHard = spec.services.some((served) => served.hard && needed.includes(served.service));
    const percents = spec.sla.flatMap(({ metric, percent }) => (metric === 'availability' ? (percent ?? []) : []));
    return isHard && percents.length > 0 ? [{ name, percent: Math.min(...percents) }] : [];
  });
};
