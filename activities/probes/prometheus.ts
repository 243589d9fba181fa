import { z } from 'zod';
import type { Evidence } from '../../domain/evidence.ts';
import type { Prober } from './probe.ts';

const timeoutMs = 10_000;

// The answer to an instant query, as far as it is used: numbers come as text, so that none is lost.
const Answer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })),
    }),
    z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) }),
  ]),
});

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
export const probePrometheus: Prober<'prometheus'> = async (
  { url, query, operator, value },
  { egress, fill, fillUrl },
) => {
  const base = fillUrl(url).replace(/\/$/, '');
  const reply = await egress.send({
    method: 'POST',
    url: `${base}/api/v1/query`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ query: fill(query) }).toString(),
    timeoutMs,
  });
  if (!reply.sent) return { result: 'unknown', detail: reply.reason };
  if (reply.status !== 200) return { result: 'unknown', detail: `Prometheus answered with status ${reply.status}` };
  const answer = Answer.safeParse(parseJson(reply.body));
  if (!answer.success) return { result: 'unknown', detail: 'Prometheus gave neither a vector nor a scalar' };
  const { data } = answer.data;
  const values = data.resultType === 'scalar' ? [data.result[1]] : data.result.map((series) => series.value[1]);
  if (values.length === 0) return { result: 'unknown', detail: 'no data' };
  const bad = values.filter((text) => Number.isNaN(Number(text)) || !comparisons[operator](Number(text), value));
  const shown = values.slice(0, 5).join(', ');
  return bad.length === 0
    ? { result: 'pass', detail: `${shown} ${operator} ${value}` }
    : { result: 'fail', detail: `${bad.slice(0, 5).join(', ')} is not ${operator} ${value}` };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
