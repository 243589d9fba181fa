import { writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../storage/migrate.ts';
import { bundling } from '../../workers/workflow-bundle.ts';
import { urlOf } from './url.ts';
import { startCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string;
    temporal: Record<string, string>;
    bundlePath: string;
  }
}

/** As the product bundles, module by module: stories plant changes in what a module is called. */
const { webpackConfigHook: _, ...asModules } = bundling;

/** Servers, the migrated template database and the bundle of workflows, once for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bundle-'));
  const bundlePath = join(folder, 'workflows.js');
  const [cluster] = await Promise.all([
    startCluster(),
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
      ...asModules,
    }).then(({ code }) => writeFileSync(bundlePath, code)),
  ]);
  const admin = new pg.Client({ connectionString: cluster.adminUrl });
  await admin.connect();
  await admin.query('create database evenkeel_template');
  await admin.end();
  await migrate(urlOf(cluster.adminUrl, 'evenkeel_template'));
  project.provide('adminUrl', cluster.adminUrl);
  project.provide('temporal', cluster.temporal);
  project.provide('bundlePath', bundlePath);
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
