import type { Evidence, Finding } from '../../domain/evidence.ts';
import type { Secrets } from '../../domain/ports.ts';
import type { Circumstances } from '../circumstances.ts';
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

/** Header values by lower-case name with secrets filled in, or the name of the first secret that is missing. */
export async function headersOf(
  headers: Extract<Evidence, { kind: 'http' }>['headers'],
  secrets: Secrets,
  fill: (text: string) => string,
): Promise<{ values: Record<string, string>; used: string[] } | { missing: string }> {
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
    if (secret !== '') used.push(secret);
  }
  return { values, used };
}
