import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceMapping } from '../../domain/source.ts';
import { DeploymentFact } from '../../domain/deployment.ts';
import { covers, fitsGlob } from '../../domain/trigger/glob.ts';
import { artifactName, mapFact } from '../../domain/trigger/mapping.ts';
import { DeploymentReport, factOf } from '../../domain/trigger/report.ts';

const fact: Parameters<typeof mapFact>[0] = {
  subject: 'acme/shop',
  artifact: 'pkg:oci/shop@sha256%3Aab',
  environment: 'prod',
  transient: false,
};
const mapping = (from: string, environment?: string, service = 'checkout') =>
  SourceMapping.parse({ from, environment, to: { service, environment: 'production' } });
const serviceOf = (told: typeof fact, ...mappings: SourceMapping[]) => mapFact(told, mappings)?.service;

describe('a mapping', () => {
  test('fits by the name of the service or the artifact without its version', () => {
    expect(serviceOf(fact, mapping('acme/shop', 'prod'))).toBe('checkout');
    expect(serviceOf(fact, mapping('pkg:oci/shop'))).toBe('checkout');
    expect(serviceOf(fact, mapping('*', 'prod'))).toBe('checkout');
    expect(serviceOf(fact, mapping('acme'), mapping('acme/shop', 'production'))).toBeUndefined();
  });

  test('that comes first wins', () => {
    expect(serviceOf(fact, mapping('acme/shop', '*', 'first'), mapping('acme/shop', 'prod', 'second'))).toBe('first');
  });

  test('takes a short-lived environment only by its name', () => {
    const preview = { ...fact, environment: 'preview/pr-12', transient: true };

    expect(serviceOf(preview, mapping('acme/shop'))).toBeUndefined();
    expect(serviceOf(preview, mapping('acme/shop', 'preview/pr-12'))).toBe('checkout');
    expect(serviceOf(preview, mapping('acme/shop', 'preview/*'))).toBe('checkout');
  });

  test('takes any characters where its pattern has a star', () => {
    const service = mapping('acme/*', 'review/*');
    const into = (subject: string, environment: string) => serviceOf({ ...fact, subject, environment }, service);

    expect(into('acme/shop', 'review/a/b')).toBe('checkout');
    expect(into('acme/', 'review/')).toBe('checkout');
    expect(into('acme', 'review/1')).toBeUndefined();
    expect(into('acme/shop', 'preview/1')).toBeUndefined();
    expect(serviceOf(fact, mapping('pkg:oci/*', '*'))).toBe('checkout');
  });

  describe('with a rule', () => {
    const ruled = (when: string, service: string) => ({ ...mapping('acme/mono', '*', service), when });
    const services = [
      ruled('task == "deploy:checkout"', 'checkout'),
      ruled('has(payload.service) && payload.service == "payments"', 'payments'),
      ruled('environment.startsWith("search-")', 'search'),
    ];
    const told = (more: object) => serviceOf({ ...fact, subject: 'acme/mono', ...more }, ...services);

    test('looks at what else the sender said', () => {
      expect(told({ task: 'deploy:checkout' })).toBe('checkout');
      expect(told({ task: 'deploy', payload: { service: 'payments' } })).toBe('payments');
      expect(told({ environment: 'search-eu' })).toBe('search');
      expect(told({ payload: 'text' })).toBeUndefined();
      expect(told({})).toBeUndefined();
    });

    test('refuses what the rule cannot answer, since nobody knows whether it fits', () => {
      const fragile = ruled('payload.service == "payments"', 'payments');

      expect(() => serviceOf({ ...fact, subject: 'acme/mono' }, fragile)).toThrow(
        'the rule of the mapping from acme/mono cannot be evaluated: No such key: service',
      );
      expect(serviceOf({ ...fact, subject: 'acme/other' }, fragile)).toBeUndefined();
    });
  });
});

test('a pattern fits as a search for each of its parts would say', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (told, written) => {
      expect(fitsGlob(told, written)).toBe(new RegExp(`^${written.replaceAll('*', '.*')}$`, 's').test(told));
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(pattern, pattern, text, (wide, narrow, filling) => {
      const told = narrow.replaceAll('*', filling);
      expect(!covers(wide, narrow) || fitsGlob(told, wide)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['pkg:oci/shop@sha256%3Aab?repository_url=ghcr.io/acme#sub@dir', 'pkg:oci/shop'],
  ['pkg:npm/@acme/shop@1.2.3', 'pkg:npm/@acme/shop'],
  ['pkg:npm/%40acme/shop', 'pkg:npm/%40acme/shop'],
  ['f95f852bd8fca8fcc58a9a2d6c842781e32a215e', 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e'],
])('the name of %s is %s', (artifact, name) => {
  expect(artifactName(artifact)).toBe(name);
});

describe('a report of a pipeline', () => {
  const report = { service: 'checkout', environment: 'production', artifact: 'pkg:oci/shop@1' };

  test("becomes a fact in the catalogue's names", () => {
    const told = factOf(DeploymentReport.parse(report), 'request-1');

    expect(DeploymentFact.parse(told)).toMatchObject({
      ...report,
      change: 'deployed',
      subject: 'checkout',
      factKey: 'checkout/production/request-1',
    });
  });

  test('is the same occurrence when the pipeline says so', () => {
    const again = DeploymentReport.parse({ ...report, occurrence: 'run-7', change: 'failed' });

    expect(factOf(again, 'request-1').factKey).toBe(factOf(again, 'request-2').factKey);
  });

  test.each([{ change: 'announced' }, { link: 'javascript:alert(1)' }, { artefact: 'x' }, { occurrence: '' }])(
    'with %o is refused',
    (fields) => {
      expect(DeploymentReport.safeParse({ ...report, ...fields }).success).toBe(false);
    },
  );
});
