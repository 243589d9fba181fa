import { fill, fillJson, fillUrl } from '../../domain/catalogue/placeholder.ts';
import { headersOf } from '../probes/probe.ts';
import type { Executor } from './executor.ts';

/** One request with the effect's key as `Idempotency-Key`, so that a target that honours keys acts once. */
export const executeHttp: Executor<'http'> = async (step, { key, values, timeoutMs, signal, egress, secrets }) => {
  const headers = await headersOf(step.headers, secrets, (text) => fill(text, values));
  if ('missing' in headers) return { ok: false, detail: `there is no secret ${headers.missing}`, neverSent: true };
  const reply = await egress.send({
    method: step.method,
    url: fillUrl(step.url, values),
    headers: {
      ...(step.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers.values,
      'idempotency-key': key,
    },
    ...(step.body === undefined ? {} : { body: fillJson(step.body, values) }),
    timeoutMs,
    signal,
  });
  const hidden = (text: string): string =>
    headers.used.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), text);
  if (!reply.sent)
    return { ok: false, detail: hidden(reply.reason), ...(reply.refused ? { neverSent: true as const } : {}) };
  const ok = step.status.includes(reply.status);
  return { ok, detail: `status ${reply.status}`, output: hidden(reply.body) };
};
