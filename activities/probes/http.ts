import { headersOf, type Prober } from './probe.ts';

const timeoutMs = 10_000;

/** One GET that has to answer with an expected status and, if asked for, a text. */
export const probeHttp: Prober<'http'> = async (evidence, { egress, secrets, fill, fillUrl }) => {
  const headers = await headersOf(evidence.headers, secrets, fill);
  if ('missing' in headers) return { result: 'unknown', detail: `there is no secret ${headers.missing}` };
  const url = fillUrl(evidence.url);
  const reply = await egress.send({ method: 'GET', url, headers: headers.values, timeoutMs });
  if (!reply.sent) return { result: reply.refused ? 'unknown' : 'fail', detail: reply.reason, link: url };
  if (!evidence.status.includes(reply.status)) return { result: 'fail', detail: `status ${reply.status}`, link: url };
  if (evidence.contains !== undefined && !reply.body.includes(evidence.contains)) {
    return { result: 'fail', detail: `status ${reply.status}, but the text that was expected is missing`, link: url };
  }
  return { result: 'pass', detail: `status ${reply.status}`, link: url };
};
