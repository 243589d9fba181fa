import type { Evidence, Finding } from '../../domain/evidence.ts';
import type { Headers } from '../../domain/http-target.ts';
import type { Secrets } from '../../domain/ports.ts';
import type { Circumstances } from '../../domain/circumstances.ts';
import { hiding, type Hide } from '../hidden.ts';
import type { ActivityPorts } from '../ports.ts';

export interface ProbeScene extends Pick<ActivityPorts, 'egress' | 'secrets'> {
  circumstances: Circumstances;
  /** Instant of the look, in milliseconds. */
  at: number;
  fill(text: string): string;
  fillUrl(text: string): string;
}

/** One way of looking. What cannot be looked at is `unknown`, never a pass; a prober does not throw for it. */
export type Prober<Kind extends Evidence['kind']> = (
  evidence: Extract<Evidence, { kind: Kind }>,
  scene: ProbeScene,
) => Promise<Omit<Finding, 'at'>>;

/**
 * Header values by lower-case name with secrets filled in and what hides them in a reply, or the name of the first secret
 * that is missing.
 */
export async function headersOf(
  headers: Headers,
  secrets: Secrets,
  fill: (text: string) => string,
): Promise<{ values: Record<string, string>; hide: Hide } | { missing: string }> {
  const values: Record<string, string> = {};
  const used: string[] = [];
  for (const [written, value] of Object.entries(headers)) {
    // Two spellings of one name would be sent as two headers.
    const name = written.toLowerCase();
    if (typeof value === 'string') {
      values[name] = fill(value);
      continue;
    }
    const secret = await secrets.get(value.secret);
    if (secret === undefined) return { missing: value.secret };
    values[name] = `${value.prefix}${secret}`;
    used.push(secret, ...(/^basic\s*$/i.test(value.prefix) ? loginIn(secret) : []));
  }
  return { values, hide: hiding(used) };
}

/** What `Basic` is followed by, as its receiver knows it: `user:password`, and the password. */
const loginIn = (secret: string): string[] => {
  const login = Buffer.from(secret, 'base64').toString('utf8');
  const at = login.indexOf(':');
  return at < 0 ? [] : [login, login.slice(at + 1)];
};
