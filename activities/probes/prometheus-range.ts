import { z } from 'zod';
import { jsonOrNothing } from '../../domain/json.ts';
import type { ObjectiveDefinition } from '../../domain/objective/definition.ts';
import type { Span } from '../../domain/objective/window.ts';
import { keepable } from '../../domain/text.ts';
import type { ActivityPorts } from '../ports.ts';
import { headersOf } from './probe.ts';
import { numberOf, timeoutMs } from './prometheus.ts';

// Of an answer to a range query only what is used: numbers come as text, so that none is lost.
const Answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])).default([]) })),
    }),
    warnings: z.array(z.string()).nullish(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().default('error'), error: z.string().default('') }),
]);

/** Values by instant (milliseconds); what is no number is not there. Or why nothing can be said. */
export type RangeValues = { values: ReadonlyMap<number, number> } | { trouble: string };

/** Asks Prometheus for one series at `from`, and then every `stepMs` until `until`, which is the last instant. */
export const askRange = async (
  { egress, secrets }: Pick<ActivityPorts, 'egress' | 'secrets'>,
  { url, headers: written, authority }: ObjectiveDefinition['source'],
  query: string,
  { from, until }: Span,
  stepMs: number,
): Promise<RangeValues> => {
  const headers = await headersOf(written, secrets, (text) => text);
  if ('missing' in headers) return { trouble: `there is no secret ${headers.missing}` };
  const reply = await egress.send({
    method: 'POST',
    url: `${url.replace(/\/$/, '')}/api/v1/query_range`,
    headers: { ...headers.values, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      query,
      start: String(from / 1000),
      end: String(until / 1000),
      step: String(stepMs / 1000),
    }).toString(),
    timeoutMs,
    authority,
  });
  const trouble = (text: string): RangeValues => ({ trouble: keepable(headers.hide(text), 500) });
  if (!reply.sent) return trouble(reply.reason);
  const answered = `Prometheus answered with status ${reply.status}`;
  const answer = Answer.safeParse(jsonOrNothing(reply.body)).data;
  if (answer?.status === 'error') return trouble(`${answered}: ${answer.errorType}: ${answer.error}`);
  if (reply.status !== 200) return trouble(answered);
  if (reply.unread !== undefined) return trouble(`the answer cannot be read: ${reply.unread}`);
  if (reply.isCut) return trouble('the answer is too long: the query gives more series than can be looked at');
  if (!answer) return trouble('what answers is not Prometheus, or gave no values');
  const { result } = answer.data;
  if (result.length > 1) return trouble(`the query gives ${result.length} series: one is needed, such as their sum`);
  // A warning may say that a part of the data is missing, and it can be asked for again.
  if (answer.warnings?.length) return trouble(`Prometheus warns: ${answer.warnings.slice(0, 3).join('; ')}`);
  const values = (result[0]?.values ?? []).map(([at, text]): [number, number] => [
    Math.round(at * 1000),
    numberOf(text),
  ]);
  return { values: new Map(values.filter(([, value]) => Number.isFinite(value))) };
};
