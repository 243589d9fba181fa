import { mostReplyBytes } from '../egress.ts';
import { headersOf, type Prober } from './probe.ts';

const timeoutMs = 10_000;

/** One GET that has to answer with an expected status and, if asked for, a text. */
export const probeHttp: Prober<'http'> = async (evidence, { egress, secrets, fill, fillUrl }) => {
  const headers = await headersOf(evidence.headers, secrets, fill);
  if ('missing' in headers) return { result: 'unknown', detail: `there is no secret ${headers.missing}` };
  const url = fillUrl(evidence.url);
  const { contains, authority } = evidence;
  const reply = await egress.send({ method: 'GET', url, headers: headers.values, timeoutMs, authority });
  if (!reply.sent) return { result: reply.refused ? 'unknown' : 'fail', detail: headers.hide(reply.reason), link: url };
  const status = `status ${reply.status}`;
  if (!evidence.status.includes(reply.status)) return { result: 'fail', detail: status, link: url };
  if (contains === undefined || reply.body.includes(contains)) return { result: 'pass', detail: status, link: url };
  if (reply.unread !== undefined)
    return { result: 'unknown', detail: `${status}, but the reply cannot be read: ${reply.unread}`, link: url };
  if (reply.isCut) {
    const looked = `only the first ${mostReplyBytes / 1024} KiB of the reply were looked at`;
    return { result: 'unknown', detail: `${status}, but the text was not found, and ${looked}`, link: url };
  }
  return { result: 'fail', detail: `${status}, but the text that was expected is missing`, link: url };
};
