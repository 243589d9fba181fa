import { expect, test } from 'vitest';
import { sweepSuppliers } from '../../activities/supplier/sweep.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import { specs } from '../../domain/document.ts';
import { document } from '../support/company.ts';

test('a supplier that cannot be looked at keeps no other from its day', async () => {
  const supplier = (name: string, service: string) =>
    document('Supplier', name, {
      description: name,
      owner: 'shop',
      services: [{ service }],
      environment: 'production',
      access: [{ who: 'desk', scope: 'console', expires: '2026-03-02' }],
      plans: { revocation: 'revoke' },
    });
  const suppliers = [supplier('broken', 'unreadable'), supplier('acme', 'checkout')];
  const catalogue = {
    revision: async () => 1,
    list: async () => suppliers,
    find: async (_: string, name: string) => {
      if (name === 'unreadable') throw new Error('it cannot be read');
      return specs.Service.parse({ description: name, owner: 'shop' });
    },
  } as unknown as CatalogueStore;
  const accepted: string[] = [];
  const ports = {
    catalogue,
    plans: { find: async () => undefined } as unknown as Parameters<typeof sweepSuppliers>[0]['plans'],
    inbox: { accept: async ({ source }: { source: string }) => accepted.push(source) },
  };

  await expect(sweepSuppliers(ports, Date.parse('2026-03-01T00:00:00Z'))).rejects.toThrow('1 suppliers');

  expect(accepted).toEqual(['supplier/acme']);
});
