import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BundleOptions, bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';
import { failureConverterPath } from './payload-codec.ts';

/** Modules are joined: what is set up for each workflow is one of them instead of sixty. */
export const bundling = {
  logger: new DefaultLogger('WARN', ({ message }) => console.error(message)),
  failureConverterPath,
  workflowInterceptorModules: [fileURLToPath(new URL('../workflows/interceptors.ts', import.meta.url))],
  webpackConfigHook: (config) => ({ ...config, optimization: { ...config.optimization, concatenateModules: true } }),
} as const satisfies Partial<BundleOptions>;

/**
 * The workflows as one file: made beforehand when `EVENKEEL_WORKFLOW_BUNDLE` names one, else now, in some seconds. A
 * process of its own makes it, since the memory of a bundler is never given back.
 */
export async function workflowBundle(path = process.env['EVENKEEL_WORKFLOW_BUNDLE']): Promise<WorkflowBundleOption> {
  if (path !== undefined && existsSync(path)) return { codePath: path };
  const program = fileURLToPath(import.meta.url);
  const { stdout: code } = await promisify(execFile)(process.execPath, [program], { maxBuffer: 64 * 1024 * 1024 });
  return { code };
}

if (import.meta.main) {
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  process.stdout.write((await bundleWorkflowCode({ workflowsPath, ...bundling })).code);
}
