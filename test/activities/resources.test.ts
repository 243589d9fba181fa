import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findResources } from '../../activities/operation-plan/resources.ts';
import { type Document, specs } from '../../domain/document.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { circumstances, secretsOf } from './world.ts';

const template = specs.PlanTemplate.parse({ checklists: {}, activities: [{ name: 'work', runbook: 'work' }] });

const look = (steps: object[], variables: Record<string, string> = {}, programsFolder?: string) => {
  const work: Document = { kind: 'Runbook', name: 'work', labels: {}, spec: specs.Runbook.parse({ steps }) };
  const catalogue = createMemoryCatalogue([work]);
  return findResources(circumstances(variables), template, [], { catalogue, secrets: secretsOf(), programsFolder });
};

const call = (url: string, more: object = {}) => ({ name: 'call', kind: 'http', url, ...more });
const url = 'https://a.example.org';

test('work that needs nothing of the installation is not looked at', async () => {
  expect(await look([call('{{environment.url}}/{{service}}/{{step}}')], { url })).toBeUndefined();
});

test('what is missing is named with the place where it belongs, and what to do then', async () => {
  const secret = await look([call(url, { headers: { authorization: { secret: 'api-key' } } })]);
  const program = await look([{ name: 'run', kind: 'command', program: 'deploy' }], {}, '/nowhere');

  expect(secret?.detail).toBe(
    'there is no secret api-key (runbook work, step call): EVENKEEL_SECRET_API_KEY or the file api-key of the secrets ' +
      'folder; then: evenkeel plan reassess checkout.production.0001 --reason "…"',
  );
  expect(program?.detail).toContain(
    'it belongs into the folder of EVENKEEL_PROGRAMS_DIR; then: evenkeel plan reassess',
  );
});

test('a secret of a look at a metric is looked for too', async () => {
  const headers = { 'X-Scope-OrgID': { secret: 'tenant' } };
  const evidence = { kind: 'prometheus', url, query: 'up', operator: '>', value: 0, headers };

  expect((await look([{ name: 'see', kind: 'check', evidence }]))?.detail).toContain('there is no secret tenant');
});

test('a program whose interpreter is not there is found before anybody is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-programs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'deploy'), '#!/bin/sh\r\necho ok\r\n');
  chmodSync(join(folder, 'deploy'), 0o755);
  const found = await look([{ name: 'run', kind: 'command', program: 'deploy' }], {}, folder);

  expect(found?.detail).toContain(
    String.raw`program deploy cannot be started (runbook work, step run): its interpreter /bin/sh\r is not there`,
  );
});

test.each<[string, object[], Record<string, string>, string]>([
  ['no value', [call('{{environment.url}}/x', { body: '{{environment.zone}}' })], { url }, '{{environment.zone}}'],
  ['no value in an undo', [call(url, { undo: { kind: 'http', url: '{{environment.back}}' } })], {}, 'environment.back'],
  ['a value that makes no URL', [call('{{environment.url}}/x')], { url: 'ftp://a' }, 'expected an http(s) URL'],
])('a variable with %s is found before anybody is asked', async (_, steps, variables, detail) => {
  const found = await look(steps, variables);

  expect(found).toMatchObject({ result: 'fail', detail: expect.stringContaining(detail) });
  expect(found?.detail).toContain('in production (runbook work); this plan keeps revision 1 of the catalogue: mend');
});

test('of much that is missing the first is named, and how to go on', async () => {
  const steps = Array.from({ length: 30 }, (_, at) => ({ name: `s${at}`, kind: 'command', program: 'deploy' }));
  const found = await look(steps);

  expect(found?.detail).toMatch(/; and \d+ more; then: evenkeel plan reassess/);
  expect(found?.detail.length).toBeLessThan(380);
});
