import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Bytes of a sender's body, as it really came; see test/payloads/README.md. */
export const payload = (path: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../payloads/${path}`, import.meta.url)));
