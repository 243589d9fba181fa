import { evenkeel } from '../../domain/actor.rules.ts';
import type { Document } from '../../domain/document.ts';
import { canonical, sha256 } from '../../domain/digest.ts';
import { planIdOf } from '../../domain/identifiers.ts';
import type { PlanId } from '../../domain/id.ts';
import type { Arrival } from '../../domain/inbox.ts';
import { ownServiceOf } from '../../domain/supplier/own-service.ts';
import type { SupplierAccess } from '../../domain/supplier.ts';
import { triggerKeyOf } from '../../domain/trigger/key.ts';
import type { SupplierFact } from '../../domain/trigger/supplier.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'plans'> & {
  inbox: { accept(arrival: Arrival): Promise<unknown> };
};

/** It is to be gone as its day begins, so that whoever takes it back has the day before. */
const aheadMs = 86_400_000;

/** A plan that nobody has carried out is opened again, so often. */
const mostAttempts = 100;

/**
 * Opens a plan for each access of a supplier whose end has come, and once more where one has come to nothing: no access outlives its day
 * because nobody had time. What a person has cancelled stays cancelled. `now` in milliseconds.
 */
export const sweepSuppliers = async (ports: Ports, now: number): Promise<void> => {
  // One that cannot be looked at keeps no other from its day.
  const failures: unknown[] = [];
  for (const supplier of await ports.catalogue.list('Supplier'))
    await sweep(supplier, ports, now).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} suppliers cannot be looked at`);
};

const sweep = async (supplier: Document<'Supplier'>, ports: Ports, now: number): Promise<void> => {
  if (supplier.spec.plans.revocation === undefined) return;
  const service = await ownServiceOf(supplier.spec, ports.catalogue);
  if (service === undefined) return;
  for (const access of supplier.spec.access)
    if (Date.parse(access.expires) - aheadMs <= now) await revoke(supplier, service, access, ports);
};

const revoke = async (
  { name: supplier, spec: { owner: team, environment } }: Document<'Supplier'>,
  service: string,
  { who, scope, expires }: SupplierAccess,
  { plans, inbox }: Ports,
): Promise<void> => {
  const source = `supplier/${supplier}`;
  const access = { who, scope, expires };
  const factKey = await nextKey(plans, (attempt) => {
    const key = canonical({ revocation: access, attempt });
    return { key, plan: planIdOf(service, environment, triggerKeyOf(source, key)) };
  });
  if (factKey === undefined) return;
  const order = { service, environment };
  const fact: SupplierFact = { supplier, kind: 'revocation', access, order, factKey };
  const body = Buffer.from(canonical(fact));
  await inbox.accept({
    kind: 'fact',
    source,
    dedupKey: sha256(factKey),
    name: 'supplier.access-expires',
    team,
    actor: evenkeel,
    body,
    bodyHash: sha256(body),
    content: { family: 'supplier', facts: [fact] },
  });
};

/** The key of the first plan that is not there yet; undefined while one goes on, or has ended as somebody wanted. */
const nextKey = async (
  plans: Ports['plans'],
  attemptOf: (attempt: number) => { key: string; plan: PlanId },
): Promise<string | undefined> => {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const { key, plan } = attemptOf(attempt);
    const found = await plans.find(plan);
    if (!found) return key;
    if (!['undone', 'failed', 'rejected'].includes(found.record?.status ?? 'draft')) return undefined;
  }
  return undefined;
};
