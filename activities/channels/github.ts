import { z } from 'zod';
import { jsonOrNothing } from '../../domain/json.ts';
import { keepable } from '../../domain/text.ts';
import type { Reply } from '../egress.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import { githubHeaders, limitedFor } from './github-app.ts';
import type { Channel, Sent } from './channel.ts';

type Call = (method: 'GET' | 'POST', path: string, issue?: object) => Promise<Reply>;

const Issue = z.object({ number: z.int(), body: z.string().nullish(), created_at: z.string() });
type Issue = z.infer<typeof Issue>;
const User = z.object({ login: z.string().max(100) });

/** An issue of ours fits into what is read of a reply, however its characters are written. */
const [mostTitle, mostBody] = [250, 40_000];
const [perPage, mostIssues] = [20, 200];
/** Clocks differ: an issue may seem older than the message that it was made for. */
const skewMs = 3_600_000;

/**
 * An issue in a repository on GitHub. GitHub knows no idempotency keys: the issue carries its key as a comment that no
 * reader sees, and is looked for before it is made, so that a lost answer makes no second one.
 */
export const createGithubChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'github'> =>
  async ({ channel: name, subject, text }, { key, createdAt, idOf }) => {
    const channel = await catalogue.find('NotificationChannel', name);
    if (channel?.type !== 'github') return noChannel('GitHub channel', name);
    const token = await secrets.get(channel.token);
    if (token === undefined) return ours(`there is no secret ${channel.token}`);
    const until = Date.now() + timeoutMs;
    const issues = `/repos/${channel.repository}/issues`;
    const call: Call = (method, path, issue) =>
      egress.send({
        method,
        url: `${channel.api}${path}`,
        headers: githubHeaders(token),
        ...(issue === undefined ? {} : { body: JSON.stringify(issue) }),
        timeoutMs: Math.max(1, until - Date.now()),
        authority: channel.authority,
      });
    const mark = `<!-- evenkeel: ${idOf(key)} -->`;
    const by = await loginOf(call);
    const found = await lookUp(mark, Date.parse(createdAt) - skewMs, (size, page) =>
      call('GET', `${issues}?state=all&sort=created&direction=desc&per_page=${size}&page=${page}${by}`),
    );
    if ('sent' in found) return found;
    if (found.issue) return { sent: true, detail: String(found.issue.number) };
    const body = `${keepable(text, mostBody)}\n\n${mark}`;
    return sentAs(await call('POST', issues, { title: keepable(subject, mostTitle), body, labels: channel.labels }));
  };

/** Issues of others are not looked through, as far as GitHub says whose token it is: that of an app belongs to no user. */
const loginOf = async (call: Call): Promise<string> => {
  const reply = await call('GET', '/user');
  const login = reply.sent && reply.status === 200 ? User.safeParse(jsonOrNothing(reply.body)).data?.login : undefined;
  return login === undefined ? '' : `&creator=${encodeURIComponent(login)}`;
};

/**
 * Among the issues that were made since the message was written, the newest first. A page of long ones is read one by one, and one
 * that is too long by itself is none of ours.
 */
const lookUp = async (
  mark: string,
  since: number,
  list: (size: number, page: number) => Promise<Reply>,
): Promise<{ issue: Issue | undefined } | Sent> => {
  let size = perPage;
  for (let from = 0; from < mostIssues;) {
    const reply = await list(size, from / size + 1);
    const sent = sentAs(reply);
    if (!sent.sent || !reply.sent) return sent;
    if (reply.isCut && size > 1) {
      size = 1;
      continue;
    }
    if (!reply.isCut) {
      const { data: issues } = z.array(Issue).safeParse(jsonOrNothing(reply.body));
      // What could not be read is not taken for nothing: something would be written twice.
      if (!issues) return { sent: false, fault: 'passing', detail: 'its issues could not be read' };
      const issue = issues.find(({ body }) => body?.includes(mark));
      if (issue || issues.length < size || Date.parse(issues.at(-1)!.created_at) < since) return { issue };
    }
    from += size;
    if (from % perPage === 0) size = perPage;
  }
  return { issue: undefined };
};

const sentAs = (reply: Reply): Sent => {
  const sent = sentBy(reply, (body) => {
    const issue = Issue.safeParse(jsonOrNothing(body)).data;
    return issue && String(issue.number);
  });
  if (!reply.sent || sent.sent) return sent;
  // What its token may not see, it says is not there.
  if (reply.status === 404) return ours('the repository is not there, or its token may not see it');
  const waitMs = limitedFor(reply.headers);
  if (![403, 429].includes(reply.status) || waitMs === undefined) return sent;
  return { sent: false, fault: 'passing', detail: `status ${reply.status}`, retryAfterMs: waitMs };
};
