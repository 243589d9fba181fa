import { fill, fillJson, fillUrl } from '../../domain/catalogue/placeholder.ts';
import { extractOf } from '../../domain/text.ts';
import type { Hide } from '../hidden.ts';
import { headersOf } from '../probes/probe.ts';
import type { ReplyBody } from '../reply-body.ts';
import { retryAfterMs } from '../retry-after.ts';
import { type Executor, mostOutput } from './executor.ts';

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
    authority: step.authority,
  });
  if (!reply.sent)
    return { ok: false, detail: headers.hide(reply.reason), ...(reply.refused ? { neverSent: true as const } : {}) };
  const ok = step.status.includes(reply.status);
  return {
    ok,
    detail: `status ${reply.status}`,
    output: outputOf(reply, headers.hide),
    retryAfterMs: ok ? undefined : retryAfterMs(reply.headers, Date.now()),
  };
};

const goesOn = '\n[the reply goes on]';

/** Of a reply that was cut: its last characters may be the half of a secret, and are not shown. */
const mostOfSecret = 4_000;

const outputOf = ({ body, isCut, unread }: ReplyBody, hide: Hide): string => {
  if (unread !== undefined) return `[the reply cannot be read: ${unread}]`;
  if (!isCut) return extractOf(hide(body), mostOutput);
  return extractOf(hide(body).slice(0, -mostOfSecret), mostOutput - goesOn.length) + goesOn;
};
