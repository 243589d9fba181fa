import { describe, expect, test } from 'vitest';
import { SourceMapping } from '../../domain/source.ts';
import { DeploymentFact } from '../../domain/trigger.ts';
import { artifactName, mapFact } from '../../domain/trigger/mapping.ts';
import { DeploymentReport, factOf } from '../../domain/trigger/report.ts';

const fact = { subject: 'acme/shop', artifact: 'pkg:oci/shop@sha256%3Aab', environment: 'prod', transient: false };
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
  });
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
