import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { sql } from 'kysely';
import type { Database } from '../../storage/database.ts';

/**
 * With RECORD_HISTORIES=<scenario> a run of stories leaves the histories of its closed workflows in
 * test/replay/histories, where later versions have to replay them. What is recorded is never overwritten.
 */
export async function recordHistories(client: Client, db: Database): Promise<void> {
  const scenario = process.env['RECORD_HISTORIES'];
  if (scenario === undefined) return;
  const { rows } = await sql<{
    workflow_id: string;
    run_id: string;
  }>`select workflow_id, run_id from workflow_run order by seen_at`.execute(db);
  for (const [index, { workflow_id: id, run_id: run }] of rows.entries()) {
    const handle = client.workflow.getHandle(id, run);
    // An open history would pass whatever its last task did.
    if ((await handle.describe()).status.name === 'RUNNING') continue;
    const folder = join(
      import.meta.dirname,
      '..',
      'replay',
      'histories',
      id.includes('/runbook/') ? 'executeRunbook' : 'runOperationPlan',
    );
    const path = join(folder, `${scenario}-${index + 1}.json`);
    mkdirSync(folder, { recursive: true });
    // Stack traces name the folder of whoever recorded.
    const json = historyToJSON(await handle.fetchHistory()).replaceAll(`${process.cwd()}/`, '');
    if (!existsSync(path)) writeFileSync(path, json);
  }
}
