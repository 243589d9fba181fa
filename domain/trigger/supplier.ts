import { z } from 'zod';
import { Name } from '../name.ts';
import { SupplierPlanKind } from '../supplier/lifecycle.ts';
import { DeploymentFact } from '../deployment.ts';

/** What a plan of a supplier is asked for: for which of its services, and why. */
export const SupplierOrder = z.strictObject({
  service: Name.optional().meta({
    description: 'Of those that it serves; unless said, the first that its owner answers for',
  }),
  link: DeploymentFact.shape.link,
  note: DeploymentFact.shape.note,
});
export type SupplierOrder = z.infer<typeof SupplierOrder>;

/** A plan of a supplier, with the identity of its occurrence. */
export interface SupplierFact {
  order: Omit<SupplierOrder, 'service'> & { service: string; environment: string };
  supplier: string;
  kind: SupplierPlanKind;
  /** Of a revocation: the access that ends. */
  access?: { who: string; scope: string; expires: string };
  factKey: string;
}
