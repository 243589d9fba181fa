import { z } from 'zod';
import { jsonOrNothing } from '../../domain/json.ts';
import type { Evidence, Finding } from '../../domain/evidence.ts';
import type { Reply } from '../egress.ts';
import { headersOf, type Prober } from './probe.ts';

export const timeoutMs = 10_000;

const Sample = z.tuple([z.number(), z.string()]);
const Vector = z.object({
  resultType: z.literal('vector'),
  // A series of a native histogram has that instead of a value.
  result: z.array(z.object({ value: Sample.optional() })),
});
const Scalar = z.object({ resultType: z.literal('scalar'), result: Sample });
// The answer to an instant query, as far as it is used: numbers come as text, so that none is lost.
const Answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.union([Vector, Scalar, z.object({ resultType: z.enum(['matrix', 'string', 'streams']) })]),
    warnings: z.array(z.string()).nullish(),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().default('error'), error: z.string().default('') }),
]);
type Answer = z.infer<typeof Answer>;

const comparisons: Record<
  Extract<Evidence, { kind: 'prometheus' }>['operator'],
  (left: number, right: number) => boolean
> = {
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
};

/** An instant query; each series has to fulfil the comparison. No data, or not a number, is not a pass. */
export const probePrometheus: Prober<'prometheus'> = async (evidence, { egress, secrets, fill, fillUrl }) => {
  const headers = await headersOf(evidence.headers, secrets, fill);
  if ('missing' in headers) return unknown(`there is no secret ${headers.missing}`);
  const base = fillUrl(evidence.url).replace(/\/$/, '');
  const reply = await egress.send({
    method: 'POST',
    url: `${base}/api/v1/query`,
    headers: { ...headers.values, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ query: fill(evidence.query) }).toString(),
    timeoutMs,
    authority: evidence.authority,
  });
  const found = readingOf(reply, evidence);
  return { ...found, detail: headers.hide(found.detail) };
};

type Reading = Pick<Finding, 'result' | 'detail'>;
const unknown = (detail: string): Reading => ({ result: 'unknown', detail });

/** What an answer says of the comparison. */
const readingOf = (
  reply: Reply,
  wanted: Pick<Extract<Evidence, { kind: 'prometheus' }>, 'operator' | 'value'>,
): Reading => {
  if (!reply.sent) return unknown(reply.reason);
  const answered = `Prometheus answered with status ${reply.status}`;
  const answer = Answer.safeParse(jsonOrNothing(reply.body)).data;
  if (answer?.status === 'error') return unknown(`${answered}: ${answer.errorType}: ${answer.error}`);
  if (reply.status !== 200) return unknown(answered);
  if (reply.unread !== undefined) return unknown(`the answer cannot be read: ${reply.unread}`);
  if (reply.isCut) return unknown('the answer is too long: the query gives more series than can be looked at');
  if (!answer) return unknown('what answers is not Prometheus, or gave no values');
  return compared(answer, wanted);
};

const compared = (
  { data, warnings }: Extract<Answer, { status: 'success' }>,
  { operator, value }: Pick<Extract<Evidence, { kind: 'prometheus' }>, 'operator' | 'value'>,
): Reading => {
  if (!('result' in data)) return unknown(`the query gives a ${data.resultType}: a vector or a scalar is needed`);
  const series = data.resultType === 'scalar' ? [{ value: data.result }] : data.result;
  const values = series.map((one) => one.value?.[1]);
  const warned = warnings?.length ? `; it warns: ${warnings.slice(0, 3).join('; ')}` : '';
  if (values.length === 0) return unknown(`no data${warned}`);
  if (values.includes(undefined)) return unknown('the query gives a histogram: a number is needed');
  const numbers = values.flatMap((text) => text ?? []);
  const bad = numbers.filter((text) => !comparisons[operator](numberOf(text), value) || Number.isNaN(numberOf(text)));
  if (bad.length > 0)
    return { result: 'fail', detail: `${bad.slice(0, 5).join(', ')} is not ${operator} ${value}${warned}` };
  const detail = `${numbers.slice(0, 5).join(', ')} ${operator} ${value}`;
  // A warning may say that a part of the data is missing, and what is missing may be what is bad.
  return warned === '' ? { result: 'pass', detail } : unknown(`${detail}, but of data that may be partial${warned}`);
};

/** Prometheus writes infinities as Go does. */
export const numberOf = (text: string): number => {
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return text.trim() === '' ? Number.NaN : Number(text);
};
