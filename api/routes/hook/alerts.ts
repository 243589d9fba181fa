import { z } from 'zod';
import { ReportedEvents } from '../../../domain/alert/generic.ts';
import { type AlertFormat, readers } from '../../../domain/alert/readers.ts';
import { sha256 } from '../../../domain/digest.ts';
import { verifyGrafana } from '../../../domain/signature.ts';
import { HttpError } from '../../errors.ts';
import type { Format } from './format.ts';
import { demandSecret } from './secret.ts';

const group = z.looseObject({ version: z.string(), alerts: z.array(z.looseObject({})) });

const withSecret: Format['verify'] = ({ headers }, secrets) => demandSecret(headers, secrets);

/** Grafana signs if it is told to; without a signature it has to bring the secret. */
const signedOrWithSecret: Format['verify'] = (delivery, secrets) => {
  const { headers, body, source } = delivery;
  const signature = headers['x-grafana-alerting-signature'];
  if (signature === undefined) return withSecret(delivery, secrets);
  // The time that is signed has to be there where the source is to send it: without it a recording would do for ever.
  const timestamp = headers['x-grafana-alerting-timestamp'] ?? (source.signsTime ? '' : undefined);
  const signed = timestamp === undefined ? { signature } : { signature, timestamp };
  if (!verifyGrafana(body, signed, secrets, new Date()))
    throw new HttpError(401, 'the signature in X-Grafana-Alerting-Signature is wrong, or its time is not ours');
};

interface Told {
  id: string;
  summary: string;
  body: z.ZodType;
  verify?: Format['verify'];
  /** Answered with 200 and nothing, for senders that expect that. */
  isSilent?: true;
  path?: Format['path'];
  limit?: number;
  alsoBy?: 'put';
}

/** A format that tells of alerts alone. */
const alertFormat = (
  format: AlertFormat,
  { id, summary, body: schema, verify = withSecret, isSilent, path, limit, alsoBy }: Told,
): Format => ({
  ...(path === undefined ? {} : { path }),
  ...(limit === undefined ? {} : { limit }),
  operation: {
    id,
    summary,
    ...(alsoBy === undefined ? {} : { alsoBy }),
    description: 'Committed; the same body again says that its alerts still stand as they did',
    sender: { proof: 'sourceSecret', bodies: { 'application/json': schema } },
    ...(isSilent ? { isSilent } : {}),
  },
  verify,
  read({ body }) {
    const { alerts, notes } = readers[format](body, new Date().toISOString());
    const told = [{ name: format, key: sha256(body), body, facts: [], alerts: alerts.length }];
    return { told, notes };
  },
});

export const alertFormats = {
  alertmanager: alertFormat('alertmanager', {
    id: 'receiveAlertmanager',
    summary: 'Takes the webhook of Alertmanager, version 4',
    body: group,
  }),
  prometheus: alertFormat('prometheus', {
    id: 'receivePrometheus',
    summary: "Takes alerts from Prometheus itself, as Alertmanager's API version 2 does",
    body: z.array(z.looseObject({ labels: z.record(z.string(), z.string()) })),
    isSilent: true,
    path: '/v1/hooks/prometheus/{source}/api/v2/alerts',
  }),
  grafana: alertFormat('grafana', {
    id: 'receiveGrafana',
    summary: 'Takes the webhook of Grafana Alerting, by POST or PUT, with a signature or the secret',
    body: group,
    verify: signedOrWithSecret,
    alsoBy: 'put',
  }),
  kubernetes: alertFormat('kubernetes', {
    id: 'receiveKubernetes',
    summary: 'Takes events of Kubernetes: one, a list, or one on each line',
    body: z.looseObject({}),
  }),
  events: alertFormat('events', {
    id: 'receiveEvents',
    summary: 'Takes events in our own format, from senders that hold a secret and no token',
    body: ReportedEvents,
    // As where events come with a token.
    limit: 1024 * 1024,
  }),
};
