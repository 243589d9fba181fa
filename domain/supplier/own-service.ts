import type { CatalogueStore } from '../ports.ts';
import type { SupplierSpec } from '../supplier.ts';

/** The first service that the supplier serves and its owner answers for: where its plans and alerts belong. */
export const ownServiceOf = async (
  { services, owner }: Pick<SupplierSpec, 'services' | 'owner'>,
  catalogue: Pick<CatalogueStore, 'find'>,
): Promise<string | undefined> => {
  for (const { service } of services) if ((await catalogue.find('Service', service))?.owner === owner) return service;
  return undefined;
};
