import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSecrets } from '../../workers/secrets.ts';

test('a secret in a file is read without what an editor puts around it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-secrets-'));
  writeFileSync(join(folder, 'github'), '\u{feff}a secret \u{1f511}\r\n');
  writeFileSync(join(folder, 'plain'), ' with a space ahead');
  const secrets = createSecrets(folder, { EVENKEEL_SECRET_FROM_HERE: 'as it is\n' });

  expect(await secrets.get('github')).toBe('a secret \u{1f511}');
  expect(await secrets.get('plain')).toBe(' with a space ahead');
  expect(await secrets.get('from-here')).toBe('as it is\n');
  expect(await secrets.get('gone')).toBeUndefined();
  rmSync(folder, { recursive: true });
});
