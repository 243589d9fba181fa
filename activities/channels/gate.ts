import { z } from 'zod';
import { gateUrlOf } from '../../domain/gate.ts';
import { jsonOrNothing } from '../../domain/json.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, timeoutMs } from './answer.ts';
import type { Channel } from './channel.ts';
import { githubHeaders, githubSent, installationToken } from './github-app.ts';

const Reviews = z.array(z.object({ comment: z.string().nullish() }));

/**
 * The answer to a gate of GitHub, by the App of its Source. It goes to the API that the Source names and nowhere else. GitHub
 * knows no idempotency keys: the reviews of the run are looked at before, so that an answer that was lost is given once.
 */
export const createGateChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'gate'> =>
  async ({ channel: name, gate, state, text }) => {
    const source = await catalogue.find('Source', name);
    if (!source) return noChannel('Source', name);
    const { app } = source;
    if (!app) return ours(`source ${name} has no app`);
    const privateKey = await secrets.get(app.privateKey);
    if (privateKey === undefined) return ours(`there is no secret ${app.privateKey}`);
    const until = Date.now() + timeoutMs;
    const leftMs = (): number => Math.max(1, until - Date.now());
    const found = await installationToken(app, { privateKey, ...gate }, { egress, timeoutMs: leftMs() });
    if ('sent' in found) return found;
    const url = gateUrlOf(app.api, gate);
    const call = (method: 'GET' | 'POST', to: string, body?: object) =>
      egress.send({
        method,
        url: to,
        headers: githubHeaders(found.token),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs: leftMs(),
        authority: app.authority,
      });
    const reviewed = await call('GET', url.replace(/deployment_protection_rule$/, 'approvals'));
    const reviews =
      reviewed.sent && reviewed.status === 200 ? Reviews.safeParse(jsonOrNothing(reviewed.body)).data : [];
    if (reviews?.some(({ comment }) => comment === text)) return { sent: true, detail: `${state} before` };
    const reply = await call('POST', url, { environment_name: gate.environment, state, comment: text });
    const sent = githubSent(reply, 'GitHub does not take the answer');
    return sent.sent ? { sent: true, detail: state } : sent;
  };
