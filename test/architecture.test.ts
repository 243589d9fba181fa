import { globSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importsOf } from '../scripts/imports.ts';

/** Who may import whom; `type x` allows the types of x alone. A new client library is one more word here. */
const mayImport: Record<string, string> = {
  'domain/**/*.ts':
    'domain/*, zod, yaml, node:crypto, @marcbachmann/cel-js, re2js, croner, temporal-polyfill, parse-duration, ' +
    'fastest-levenshtein, lru-cache, liquidjs',
  'domain/**/*.rules.ts': 'domain/*.rules.ts, domain/errors.ts, domain/identifiers.ts, type domain/*',
  'domain/identifiers.ts': 'type domain/*',
  'storage/**/*.ts': 'storage/*, domain/*, node:*, kysely, kysely/migration, pg, lru-cache, type zod',
  'activities/**/*.ts':
    'activities/*, domain/*, node:*, zod, @temporalio/activity, undici, nodemailer, standardwebhooks, ' +
    'universal-github-app-jwt, ipaddr.js, fast-xml-parser',
  'workflows/**/*.ts':
    'workflows/*, domain/*.rules.ts, domain/errors.ts, domain/identifiers.ts, type domain/*, type activities/*, ' +
    '@temporalio/workflow, type @temporalio/common',
  'workflows/**/*.messages.ts': 'workflows/*.messages.ts, type domain/*',
  'workers/**/*.ts':
    'workers/*, activities/*, storage/*, domain/*, workflows/*.messages.ts, type workflows/*, ' +
    'node:*, pino, pg, zod, lru-cache, @temporalio/*',
  'api/**/*.ts':
    'api/*, storage/*, domain/*, workers/delivery.ts, workers/temporal.ts, type workers/*, workflows/*.messages.ts, ' +
    'type workflows/*, type @temporalio/client, node:*, express, helmet, type pino, kysely, zod*, lru-cache, @prometheus-io/client',
  'roles/**/*.ts': 'roles/*, api/*, workers/*, storage/*, domain/*, node:*, pino',
  'cli/**/*.ts':
    'cli/*, embedded/*, type api/*, domain/identifiers.ts, domain/text.ts, domain/*.rules.ts, type domain/*, ' +
    'workers/config.ts, workers/settings.ts, node:*, commander, yaml, nodemailer, smtp-server, string-width, ' +
    'pretty-ms, zod',
  'embedded/**/*.ts': 'embedded/*, node:*, pg, @peculiar/x509, reflect-metadata',
};

/** The folder that only some files of another may open. */
const onlyFor: Record<string, readonly string[]> = {
  'workers/': ['start', 'doctor', 'doctor-settings'].map((name) => `cli/${name}.ts`),
  'embedded/': ['start', 'stop', 'status', 'doctor', 'state', 'example', 'demo/monitoring', 'temporal-ui/index'].map(
    (name) => `cli/${name}.ts`,
  ),
};

const fits = (target: string, pattern: string): boolean => {
  const [head = '', tail] = pattern.split('*');
  return tail === undefined ? target === pattern : target.startsWith(head) && target.endsWith(tail);
};

const isAllowed = (target: string, plan: string): boolean =>
  plan.split(', ').some((pattern) => fits(target, pattern) || fits(target.replace(/^type /, ''), pattern));

test.each(Object.entries(mayImport))('%s imports only what stands below it', (files, plan) => {
  const strangers = globSync(files).flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(target, plan))
      .map((target) => `${file} -> ${target}`),
  );

  expect(strangers).toEqual([]);
});

test.each(Object.entries(onlyFor))('%s is opened only by the verbs that need it', (folder, allowed) => {
  const strangers = globSync('cli/**/*.ts').filter(
    (file) => !allowed.includes(file) && importsOf(file).some((target) => target.startsWith(folder)),
  );

  expect(strangers).toEqual([]);
});

test('the table sees an arrow that points up', () => {
  expect(isAllowed('api/app.ts', mayImport['domain/**/*.ts']!)).toBe(false);
  expect(isAllowed('domain/inbox.ts', mayImport['workflows/**/*.ts']!)).toBe(false);
  expect(isAllowed('type domain/inbox.ts', mayImport['workflows/**/*.ts']!)).toBe(true);
});
