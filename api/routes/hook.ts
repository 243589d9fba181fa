import { z } from 'zod';
import { sha256 } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Accepted, Arrival } from '../../domain/inbox.ts';
import { readJson } from '../../domain/json.ts';
import { keepable } from '../../domain/text.ts';
import { verifyBearer, verifyGithub } from '../../domain/signature.ts';
import type { SourceSpec } from '../../domain/source.ts';
import type { Parsed } from '../../domain/trigger.ts';
import { parseCdEvent } from '../../domain/trigger/cdevents.ts';
import { readCloudEvents, UnsupportedMediaType } from '../../domain/trigger/cloudevents.ts';
import { parseGithub } from '../../domain/trigger/github.ts';
import type { Context } from '../context.ts';
import { HttpError } from '../errors.ts';
import { type Answer, operation, type Operation } from '../operation.ts';

const Params = z.strictObject({ source: z.string().max(63) });
const Receipt = z.object({ accepted: z.array(z.string()), note: z.string().optional() });
const tenMegabytes = 10 * 1024 * 1024;

type Source = SourceSpec & { name: string };

/** Where machines tell us facts. Each body is committed before it is answered; none of them approves or executes. */
export const hookOperations = (context: Context): Operation[] => {
  const sourceOf = async (
    name: string,
    format: SourceSpec['format'],
  ): Promise<{ source: Source; secrets: string[] }> => {
    const spec = await context.recent.find('Source', name);
    if (!spec || spec.format !== format)
      throw new DomainError('not-found', `there is no ${format} source of that name`);
    if (spec.retired) throw new HttpError(410, 'this source is retired: stop sending');
    const secrets = (await Promise.all(spec.secrets.map((secret) => context.secrets.get(secret)))).filter(
      (secret) => secret !== undefined,
    );
    if (secrets.length === 0)
      context.log.warn({ source: name }, 'none of the secrets of the source is here: nobody can sign');
    return { source: { ...spec, name }, secrets };
  };

  const arrivalOf = (
    source: Source,
    name: string,
    dedupKey: string,
    body: Uint8Array,
    facts: Parsed['facts'],
  ): Arrival => ({
    kind: 'fact',
    source: source.name,
    dedupKey,
    name,
    team: source.team,
    actor: { type: 'service', name: `source/${source.name}` },
    body,
    bodyHash: sha256(body),
    content: { family: 'deployment', facts },
  });

  /** Whose sender is known but whose body is hopeless: kept with the reason, then answered with it. */
  const bury = async (source: Source, name: string, key: string, body: Uint8Array, error: unknown): Promise<never> => {
    if (!(error instanceof DomainError)) throw error;
    await context.commands.accept({
      ...arrivalOf(source, name, keepable(`dead/${key}`, 500), body, []),
      deadBecause: error.message,
    });
    if (error instanceof UnsupportedMediaType) throw error;
    throw new HttpError(400, error.message);
  };

  /** The receipt, with what was not used and why. An id that comes with another body is the sender's fault: it is said and logged. */
  const receiptOf = (source: Source, accepted: readonly Accepted[], notes: readonly string[]) => {
    const others = accepted.filter(({ isSameBody }) => !isSameBody).map(({ id }) => id);
    if (others.length > 0) context.log.warn({ source: source.name, inbox: others }, 'told again with another body');
    const told = [...notes, ...(others.length > 0 ? ['told before with another body: the first one is kept'] : [])];
    return { accepted: accepted.map(({ id }) => id), ...(told.length > 0 ? { note: told.join('; ') } : {}) };
  };

  const github = async (
    name: string,
    body: Buffer,
    headers: Readonly<Record<string, string | undefined>>,
  ): Promise<Answer> => {
    const { source, secrets } = await sourceOf(name, 'github');
    if (!verifyGithub(body, headers['x-hub-signature-256'], secrets))
      throw new HttpError(401, 'the signature in X-Hub-Signature-256 is missing or wrong');
    if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
      throw new UnsupportedMediaType('set the content type of the webhook to application/json');
    }
    const event = headers['x-github-event'] ?? '';
    const delivery = headers['x-github-delivery'] ?? '';
    if (!/^[\w-]{1,200}$/.test(delivery) || !/^\w{1,100}$/.test(event)) {
      return bury(
        source,
        'github',
        sha256(body),
        body,
        new DomainError('invalid', 'X-GitHub-Delivery and X-GitHub-Event are needed'),
      );
    }
    let parsed: Parsed;
    try {
      parsed = parseGithub({ event, delivery, body: readJson(body) });
    } catch (error) {
      return bury(source, `github.${event}`, delivery, body, error);
    }
    const { accepted } = await context.commands.accept(
      arrivalOf(source, `github.${event}`, parsed.deliveryKey, body, parsed.facts),
    );
    return {
      status: event === 'ping' ? 200 : 202,
      body: receiptOf(source, [accepted], parsed.note === undefined ? [] : [parsed.note]),
    };
  };

  const cloudEvents = async (
    name: string,
    body: Buffer,
    headers: Readonly<Record<string, string | undefined>>,
  ): Promise<Answer> => {
    const { source, secrets } = await sourceOf(name, 'cloudevents');
    if (!verifyBearer(headers['authorization'], secrets))
      throw new HttpError(401, 'Authorization: Bearer with the secret of the source is needed');
    const arrivals: Arrival[] = [];
    const notes: string[] = [];
    try {
      // All or nothing: a batch with one bad event is not taken in part.
      for (const event of readCloudEvents({
        contentType: headers['content-type'] ?? '',
        headers,
        body,
        acceptsBatches: source.acceptsBatches,
      })) {
        const parsed = parseCdEvent(event);
        if (parsed.note !== undefined) notes.push(parsed.note);
        const bytes = Buffer.from(JSON.stringify(event));
        arrivals.push(
          arrivalOf(source, keepable(`cloudevents.${event.type}`, 300), parsed.deliveryKey, bytes, parsed.facts),
        );
      }
    } catch (error) {
      return bury(source, 'cloudevents', sha256(body), body, error);
    }
    const taken = await Promise.all(arrivals.map((arrival) => context.commands.accept(arrival)));
    const receipt = receiptOf(
      source,
      taken.map(({ accepted }) => accepted),
      notes,
    );
    return { status: 202, body: receipt };
  };

  return [
    operation({
      id: 'receiveGithub',
      method: 'post',
      path: '/v1/hooks/github/{source}',
      summary: 'Takes deliveries of a GitHub webhook: deployment, deployment_status, ping',
      tag: 'hooks',
      role: 'sender',
      params: Params,
      limit: tenMegabytes,
      answer: { status: 202, description: 'Committed; the same delivery again gets the same answer', schema: Receipt },
      handle: ({ params, body, headers }) => github(params.source, body as Buffer, headers),
    }),
    operation({
      id: 'receiveCloudEvents',
      method: 'post',
      path: '/v1/hooks/cloudevents/{source}',
      summary: 'Takes CloudEvents 1.0 (binary, structured, batch) that carry CDEvents service events',
      tag: 'hooks',
      role: 'sender',
      params: Params,
      limit: tenMegabytes,
      answer: { status: 202, description: 'Committed; the same event again gets the same answer', schema: Receipt },
      handle: ({ params, body, headers }) => cloudEvents(params.source, body as Buffer, headers),
    }),
    operation({
      id: 'consentToCloudEvents',
      method: 'options',
      path: '/v1/hooks/cloudevents/{source}',
      summary: 'Consents to deliveries from an origin that the source allows; it proves nothing about who sends',
      tag: 'hooks',
      role: 'anyone',
      params: Params,
      answer: { status: 200, description: 'Consent, in headers; 405 for another origin' },
      async handle({ params, headers }) {
        const origin = headers['webhook-request-origin'];
        const source = await context.recent.find('Source', params.source);
        // The callback address that may come along was chosen by a stranger: it is never called.
        if (origin === undefined || !source?.allowedOrigins.includes(origin))
          throw new HttpError(405, 'this origin is not allowed', { headers: { allow: 'POST' } });
        return {
          status: 200,
          headers: { allow: 'POST', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' },
        };
      },
    }),
  ];
};
