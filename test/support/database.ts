import pg from 'pg';
import { inject } from 'vitest';
import { urlOf } from './url.ts';
import { connect, type Connected, isUnavailable } from '../../storage/database.ts';

export interface TestDatabase extends Connected {
  url: string;
  drop(): Promise<void>;
}

const onAdmin = async (statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('adminUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};

/** A migrated database of its own, made from the template in some milliseconds. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  for (let tries = 0; ; tries += 1) {
    try {
      await onAdmin(`create database ${name} template evenkeel_template strategy file_copy`);
      break;
    } catch (error) {
      // Another file is copying the template right now.
      if (tries === 50 || !(error instanceof Error && /being accessed/.test(error.message))) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  const url = urlOf(inject('adminUrl'), name);
  const connected = connect({ url, connections: 20 });
  return {
    ...connected,
    url,
    async drop() {
      await connected.close();
      await onAdmin(`drop database ${name} with (force)`);
    },
  };
}

/** Asks as every caller does: what is passing, such as a pool with nobody free, is tried again. */
export async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 20 || !isUnavailable(error)) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
