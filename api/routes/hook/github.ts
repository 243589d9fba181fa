import { z } from 'zod';
import { readGithubFailure } from '../../../domain/alert/github-failure.ts';
import { sha256 } from '../../../domain/digest.ts';
import { DomainError } from '../../../domain/errors.ts';
import { readSome, readText } from '../../../domain/json.ts';
import { verifyGithub } from '../../../domain/signature.ts';
import { UnsupportedMediaType } from '../../../domain/trigger/cloudevents.ts';
import { githubApi } from '../../../domain/source.ts';
import { parseGithub } from '../../../domain/trigger/github.ts';
import { parseGithubGate } from '../../../domain/trigger/github-gate.ts';
import { HttpError } from '../../errors.ts';
import { type Delivery, type Format, type Reading, Receipt } from './format.ts';

const idsOf = ({ headers }: Delivery): { event: string; delivery: string } | undefined => {
  const event = headers['x-github-event'] ?? '';
  const delivery = headers['x-github-delivery'] ?? '';
  return /^[\w-]{1,200}$/.test(delivery) && /^\w{1,100}$/.test(event) ? { event, delivery } : undefined;
};

const isJson = (headers: Delivery['headers']): boolean => /^application\/json\b/i.test(headers['content-type'] ?? '');

/** What a webhook sends unless somebody chose JSON. */
const isForm = (headers: Delivery['headers']): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');

/** The JSON of a form; the signature is that of the form as a whole. */
const payloadOf = (body: Buffer): Uint8Array => {
  const payload = new URLSearchParams(readText(body)).get('payload');
  if (payload === null) throw new DomainError('invalid', 'expected a form with the field payload');
  return Buffer.from(payload);
};

const readGate = ({ source, body }: Delivery, key: string, written: unknown): Reading => {
  const gate = parseGithubGate(key, written, source.app?.api ?? githubApi);
  const name = 'github.deployment_protection_rule';
  return gate
    ? { told: [{ name, key, body, facts: [], content: { family: 'gate', facts: [gate] } }], notes: [] }
    : { told: [{ name, key, body, facts: [] }], notes: ['only a gate that is requested is used'] };
};

/** Deliveries of a webhook of GitHub: signed, JSON or a form with it, and named by headers. */
export const github: Format = {
  operation: {
    id: 'receiveGithub',
    summary:
      'Takes deliveries of a GitHub webhook: deployment, deployment_status, deployment_protection_rule, workflow_run, ping',
    description: 'Committed; the same delivery again gets the same answer',
    sender: {
      proof: 'githubSignature',
      bodies: {
        'application/json': z.looseObject({}),
        'application/x-www-form-urlencoded': z.object({
          payload: z.string().meta({ description: 'The same as JSON' }),
        }),
      },
    },
    alsoAnswers: [{ status: 200, description: 'A ping, committed', schema: Receipt }],
  },
  verify({ body, headers }, secrets) {
    if (!verifyGithub(body, headers['x-hub-signature-256'], secrets))
      throw new HttpError(401, 'the signature in X-Hub-Signature-256 is missing or wrong');
    if (!isJson(headers) && !isForm(headers))
      throw new UnsupportedMediaType('expected application/json or application/x-www-form-urlencoded');
  },
  label(delivery) {
    const ids = idsOf(delivery);
    return ids ? { name: `github.${ids.event}`, key: ids.delivery } : { name: 'github', key: sha256(delivery.body) };
  },
  read(delivery) {
    const { source, body, headers } = delivery;
    const ids = idsOf(delivery);
    if (!ids) throw new DomainError('invalid', 'X-GitHub-Delivery and X-GitHub-Event are required');
    const json = isForm(headers) ? payloadOf(body) : body;
    const written = readSome(json);
    if (ids.event === 'deployment_protection_rule') return readGate(delivery, ids.delivery, written);
    const { deliveryKey: key, facts, note } = parseGithub({ ...ids, body: written });
    const name = `github.${ids.event}`;
    const failure = source.alerts.failures
      ? readGithubFailure(ids.event, written, new Date().toISOString())
      : undefined;
    // The form is what was signed; alerts are read from the JSON in it.
    const alert = failure && { name, key, body: json, facts: [], alerts: failure.alerts.length };
    if (alert && facts.length === 0) return { told: [alert], notes: [] };
    return {
      told: [{ name, key, body, facts }, ...(alert ? [alert] : [])],
      notes: note === undefined ? [] : [note],
      status: ids.event === 'ping' ? 200 : undefined,
    };
  },
};
