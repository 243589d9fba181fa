import type { Document } from '../document.ts';
import type { RoutineSpec } from '../routine.ts';

/** Whether a document carries all of the labels. */
const carries = ({ labels: own }: Document, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([label, value]) => own[label] === value);

/** The services that a routine is for: of its owner alone, whatever others carry the same labels. */
export const servicesOf = (
  { owner, services: { labels, names } }: Pick<RoutineSpec, 'owner' | 'services'>,
  services: readonly Document<'Service'>[],
): string[] => {
  const isLabelled = Object.keys(labels).length > 0;
  return services
    .filter((service) => service.spec.owner === owner)
    .filter((service) => names.includes(service.name) || (isLabelled && carries(service, labels)))
    .map(({ name }) => name)
    .toSorted();
};
