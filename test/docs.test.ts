import { globSync, readFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readDocuments } from '../domain/catalogue/read.ts';
import { dynamicConfig } from '../embedded/temporal-config.ts';
import { checkReferences } from '../domain/catalogue/references.ts';
import { generatedPages, renderPage } from '../scripts/docs.ts';
import { verbs } from '../scripts/docs/commands.ts';
import { variables } from '../workers/config.ts';
import { operations } from '../scripts/docs/operations.ts';
import { readConfig } from '../workers/config.ts';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...globSync('docs/**/*.md')];
const textOf = (file: string): string => readFileSync(file, 'utf8');

/** What stands between two fences, by page. */
const blocksOf = (page: string, languages: readonly string[]): string[] =>
  Array.from(textOf(page).matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm), ([, language = '', code = '']) => ({
    language,
    code,
  }))
    .filter(({ language }) => languages.includes(language))
    .map(({ code }) => code);

test.each(generatedPages)('%s says what the code says', (page) => {
  expect(renderPage(textOf(page))).toBe(textOf(page));
});

test('the pages know every verb of the program, and no other', () => {
  const known = verbs().map(({ words }) => words);
  const groups = new Set(known.map((words) => words.split(' ')[0]!));
  const strangers = pages.flatMap((page) =>
    mentionsOf(page)
      .filter((words) => !isVerb(words))
      .map((words) => `${page}: evenkeel ${words.join(' ')}`),
  );
  expect(strangers).toEqual([]);

  function isVerb([first = '', second = '']: readonly string[]): boolean {
    if (first.startsWith('-')) return true;
    return known.includes(first) || (groups.has(first) && known.includes(`${first} ${second}`));
  }
});

/** Verbs that a page writes behind the program's name: in its shell blocks, and between single backticks. */
function mentionsOf(page: string): string[][] {
  const inline = Array.from(textOf(page).matchAll(/`evenkeel ([^`\n]+)`/g), ([, words = '']) => words);
  const shell = blocksOf(page, ['sh']).flatMap((code) =>
    Array.from(code.matchAll(/(?:^|[\s>])(?:npx )?evenkeel ((?:[a-z-]+ ?)+)/gm), ([, words = '']) => words),
  );
  return [...inline, ...shell].map((words) => words.trim().split(/\s+/));
}

describe.each(pages)('%s', (page) => {
  test('links to what exists', () => {
    const broken = Array.from(textOf(page).matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
      });
    expect(broken).toEqual([]);
  });

  test('names files that exist', () => {
    const folders =
      'activities|api|bench|bin|cli|deploy|docs|domain|embedded|examples|roles|scripts|storage|test|workers|workflows';
    const named = Array.from(
      textOf(page).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+|docker-compose\\.yml|\\.env\\.example)\``, 'g')),
      ([, path = '']) => path,
    );
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('names settings that exist', () => {
    const named = new Set(
      Array.from(textOf(page).matchAll(/\b(?:EVENKEEL|TEMPORAL)_[A-Z][A-Z_]*[A-Z]\b/g), ([name]) => name),
    );
    const strangers = [...named].filter((name) => !variables.includes(name) && !isReadElsewhere(name));
    expect(strangers).toEqual([]);
  });

  test('names routes that exist', () => {
    const named = Array.from(
      textOf(page).matchAll(/(?<![\w.])\/(?:v1\/[\w/${}.-]+|livez|readyz|metrics)\b/g),
      ([path]) => path,
    );
    const known = operations().map(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`));
    // Prometheus is told how its path begins.
    const isKnown = (path: string) =>
      known.some((pattern) => pattern.test(path) || pattern.test(`${path}/api/v2/alerts`));
    const strangers = named.filter((path) => !path.endsWith('hooks') && !isKnown(path));
    expect(strangers).toEqual([]);
  });
});

const anchorsOf = (file: string): string[] =>
  Array.from(textOf(file).matchAll(/^#+ (.+)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );

const ownCode = globSync(['cli/**/*.ts', 'embedded/**/*.ts', 'workers/*.ts', 'activities/executors/*.ts'])
  .map(textOf)
  .join('\n');

const isReadElsewhere = (name: string): boolean =>
  ownCode.includes(`['${name}']`) ||
  ownCode.includes(`${name}:`) ||
  name === 'EVENKEEL_SECRET' ||
  name === 'TEMPORAL_TLS';

test('the company of the first steps can be applied', () => {
  const [text = ''] = blocksOf('docs/getting-started.md', ['yaml']);
  const { documents, problems } = readDocuments([{ path: 'hello.yaml', text }]);
  expect(problems).toEqual([]);
  expect(checkReferences(documents)).toEqual({ problems: [], warnings: [] });
  expect(documents).toHaveLength(9);
});

test.each(['docs/on-call.md', 'docs/channels.md'])('the documents of %s are ones that can be applied', (page) => {
  const files = blocksOf(page, ['yaml']).map((text, at) => ({ path: `${at}.yaml`, text }));

  expect(files.map((file) => readDocuments([file]).problems)).toEqual(files.map(() => []));
  expect(files.length).toBeGreaterThan(3);
});

test.each(globSync('docs/sources/*.md').filter((page) => !page.endsWith('README.md')))(
  '%s has documents that can be applied',
  (page) => {
    const files = blocksOf(page, ['yaml'])
      .filter((text) => text.includes('apiVersion: evenkeel/v1'))
      .map((text, at) => ({ path: `${at}.yaml`, text }));
    const company = globSync('examples/company/*.yaml').map((path) => ({ path, text: textOf(path) }));
    const { documents: known } = readDocuments(company);
    const { documents, problems } = readDocuments(files);

    expect(documents.length).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    expect(
      checkReferences(
        documents,
        known.map(({ document }) => document),
      ),
    ).toEqual({ problems: [], warnings: [] });
  },
);

test('every example in YAML and JSON can be read', () => {
  for (const page of pages) {
    for (const code of blocksOf(page, ['yaml'])) {
      expect(parseAllDocuments(code).flatMap(({ errors }) => errors)).toEqual([]);
    }
    for (const code of blocksOf(page, ['json'])) expect(() => JSON.parse(code) as unknown).not.toThrow();
  }
});

interface Compose {
  services: Record<
    string,
    {
      image?: string;
      build?: object;
      pull_policy?: string;
      command?: string[];
      depends_on?: Record<string, { condition: string }>;
      environment?: Record<string, string | number | null>;
      volumes?: string[];
      ports?: string[];
    }
  >;
  volumes: Record<string, null>;
}

const packagesOf = (file: string): string[] =>
  Array.from(
    textOf(file).matchAll(/(?:from|import\() ?'((?:@[\w-]+\/)?[\w-]+)[^']*'|^import '([\w-]+)';/gm),
    ([, from = '', alone = '']) => from || alone,
  ).filter((name) => name !== 'node');

describe('docker-compose.yml', () => {
  const text = textOf('docker-compose.yml');
  const { services, volumes } = parse(text, { merge: true }) as Compose;
  const needs = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(services[name]?.depends_on ?? {}).map(([on, { condition }]) => [on, condition]));

  test('starts everything in its order', () => {
    expect(Object.keys(services)).toEqual([
      'postgres',
      'temporal-schema',
      'temporal',
      'temporal-namespace',
      'temporal-ui',
      'api',
      'worker',
      'deliverer',
    ]);
    expect(needs('temporal-schema')).toEqual({ postgres: 'service_healthy' });
    expect(needs('temporal')).toEqual({ 'temporal-schema': 'service_completed_successfully' });
    expect(needs('temporal-namespace')).toEqual({ temporal: 'service_healthy' });
    expect(needs('api')).toEqual({
      postgres: 'service_healthy',
      'temporal-namespace': 'service_completed_successfully',
    });
    expect(needs('worker')).toEqual({ api: 'service_healthy' });
    expect(needs('deliverer')).toEqual({ api: 'service_healthy' });
  });

  test('runs each role with settings that exist', () => {
    for (const role of ['api', 'worker', 'deliverer']) {
      expect(services[role]?.command).toEqual([role]);
      expect(Object.keys(services[role]?.environment ?? {}).filter((name) => !variables.includes(name))).toEqual([]);
    }
  });

  test('one service builds the image that all of ours run', () => {
    const ours = Object.values(services).filter(({ image = '' }) => image.startsWith('evenkeel:'));
    expect(ours).toHaveLength(3);
    expect(Object.entries(services).flatMap(([name, { build }]) => (build ? [name] : []))).toEqual(['api']);
    // Nobody asks a registry for it, and who does not build it waits for who does.
    expect(ours.map(({ pull_policy: policy }) => policy)).toEqual(['build', 'never', 'never']);
  });

  test('PostgreSQL has a connection for everybody, with two of each role', () => {
    const { SQL_MAX_CONNS: store, SQL_VIS_MAX_CONNS: visibility } = services['temporal']?.environment ?? {};
    const temporal = 4 * (Number(store) + Number(visibility));
    const most = Number(/max_connections=(\d+)/.exec(services['postgres']?.command?.join(' ') ?? '')?.[1]);
    const { EVENKEEL_DATABASE_CONNECTIONS: each } = readConfig({
      DATABASE_URL: 'postgresql://db',
      TEMPORAL_ADDRESS: 'localhost',
    });
    const reserved = 3;
    const tools = 10;
    expect(temporal).toBe(120);
    expect(most).toBeGreaterThanOrEqual(temporal + 2 * 3 * each + reserved + tools);
  });

  test('keeps the data of PostgreSQL in its volume, whichever release it is', () => {
    const { volumes: mounts = [], environment = {} } = services['postgres'] ?? {};
    const volume = mounts.find((mount) => mount.startsWith('postgres-data:'))!.split(':')[1]!;
    // From 18 on, the image has its data two folders further down and insists on this mount.
    expect(volume).toBe('/var/lib/postgresql');
    expect(String(environment['PGDATA'])).toMatch(/^\/var\/lib\/postgresql\/(?!data)/);
  });

  test('gives Temporal the settings that the embedded one has', () => {
    expect(parse(textOf('deploy/temporal/dynamic.yaml'))).toEqual(dynamicConfig(false));
  });

  test('shares the keys of payloads: all processes have one state folder, and none has keys of its own', () => {
    for (const role of ['api', 'worker', 'deliverer']) {
      const { volumes: mounts = [], environment = {} } = services[role] ?? {};
      expect(mounts).toContain(`evenkeel-state:${environment['EVENKEEL_STATE_DIR']}`);
      expect(environment).not.toHaveProperty('EVENKEEL_PAYLOAD_KEYS');
      expect(environment).not.toHaveProperty('EVENKEEL_SIGNING_KEY');
    }
  });

  test('takes into the image nothing that only the servers of one machine need', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
    const embedded = new Set(globSync('embedded/**/*.ts').flatMap((file) => packagesOf(file)));
    const others = new Set(
      globSync('{activities,api,cli,domain,roles,storage,workers,workflows}/**/*.ts').flatMap((file) =>
        packagesOf(file),
      ),
    );
    const only = [...embedded].filter((name) => !others.has(name));
    expect(only).toContain('@peculiar/x509');
    expect(only.filter((name) => name in dependencies)).toEqual([]);
    expect(textOf('deploy/Dockerfile')).toContain('npm prune --omit=dev --omit=optional');
  });

  test('holds no secret, and insists on each', () => {
    const secrets = Object.values(services).flatMap(({ environment = {} }) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|PWD|KEY|SECRET|TOKEN/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter(([, value]) => !/^\$\{\w+:\?[^}]+\}$/.test(String(value)))).toEqual([]);
    for (const [, password] of text.matchAll(/:\/\/\w+:([^@\n]*)@/g)) expect(password).toMatch(/^\$\{\w+:\?[^}]+\}$/);
  });

  test('opens ports on loopback alone', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('mounts files and volumes that exist', () => {
    const sources = Object.values(services).flatMap((service) =>
      (service.volumes ?? []).map((volume) => volume.split(':')[0]!),
    );
    const missing = sources.filter(
      (source) => !source.startsWith('$') && !(source.startsWith('./') ? existsSync(source) : source in volumes),
    );
    expect(missing).toEqual([]);
  });

  test('reads what .env.example offers, with passwords left open', () => {
    const offered = new Map(
      Array.from(textOf('.env.example').matchAll(/^(?:# )?([A-Z][A-Z_]*)=(.*)$/gm), ([, name = '', value = '']) => [
        name,
        value,
      ]),
    );
    const asked = new Set(Array.from(text.matchAll(/\$\{(\w+)/g), ([, name = '']) => name));
    expect([...asked].filter((name) => !offered.has(name))).toEqual([]);
    expect([...offered].filter(([name, value]) => name.includes('PASSWORD') && value !== '')).toEqual([]);
  });

  test('copies into the image every folder that the program has', () => {
    const copied = textOf('deploy/Dockerfile.dockerignore').split('\n');
    for (const folder of [
      'activities',
      'api',
      'cli',
      'domain',
      'embedded',
      'roles',
      'storage',
      'workers',
      'workflows',
    ]) {
      expect(copied).toContain(`!${folder}`);
    }
  });
});
