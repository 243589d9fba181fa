import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Database } from '../../storage/database.ts';
import { openHistory } from '../../workers/history-json.ts';
import type { PayloadKeys } from '../../workers/payload-keys.ts';
import { runsOf } from './runs.ts';

/**
 * With RECORD_HISTORIES=<name> a run of stories leaves the histories of its workflows in test/replay/histories, by
 * type and under that name, where later versions have to replay them. What is recorded is never overwritten.
 */
export async function recordHistories(
  client: Client,
  db: Database,
  keys: PayloadKeys,
  taskQueue: string,
): Promise<void> {
  const scenario = process.env['RECORD_HISTORIES'];
  if (scenario === undefined) return;
  for (const { workflowId: id, runId: run } of await runsOf(client, db, taskQueue)) {
    const handle = client.workflow.getHandle(id, run);
    // A plan that a story has seen the end of reports it yet.
    await Promise.race([handle.result().catch(() => undefined), setTimeout(2_000)]);
    const { status, type } = await handle.describe();
    // An open history would pass whatever its last task did.
    if (status.name === 'RUNNING') await handle.terminate('recorded');
    const folder = join(import.meta.dirname, '..', 'replay', 'histories', type);
    mkdirSync(folder, { recursive: true });
    // Stack traces name the folder of whoever recorded.
    const json = openHistory(historyToJSON(await handle.fetchHistory()), keys, {
      namespace: client.options.namespace,
      workflowId: id,
    }).replaceAll(`${process.cwd()}/`, '');
    writeFileSync(freeIn(folder, scenario), json, { flag: 'wx' });
  }
}

/** The name, with a number where it is taken. */
const freeIn = (folder: string, name: string): string => {
  for (let number = 1; ; number += 1) {
    const path = join(folder, `${name}${number === 1 ? '' : `-${number}`}.json`);
    if (!existsSync(path)) return path;
  }
};
