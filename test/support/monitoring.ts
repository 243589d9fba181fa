import { sha256 } from '../../domain/digest.ts';
import type { Incident, IncidentFacts } from '../../domain/incident.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Ops } from './ops.ts';
import { skip } from './time.ts';
import { untilFits } from './until-fits.ts';

/** One alert as Alertmanager sends it. */
export interface SentAlert {
  status?: 'firing' | 'resolved';
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt?: string;
  endsAt?: string;
  fingerprint?: string;
}

const unset = '0001-01-01T00:00:00Z';

/** A body of Alertmanager's webhook, version 4. */
export const alertmanagerBody = (...alerts: SentAlert[]): string =>
  JSON.stringify({
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    status: alerts.some(({ status = 'firing' }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: 'evenkeel',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.org',
    alerts: alerts.map(({ labels = {}, ...alert }) => {
      const named = { alertname: 'TooManyErrors', service: 'checkout', severity: 'critical', ...labels };
      return {
        status: 'firing',
        labels: named,
        annotations: { summary: 'Too many errors' },
        startsAt: new Date(Date.now() - 5_000).toISOString(),
        endsAt: unset,
        generatorURL: 'http://prometheus.example.org/graph',
        fingerprint: sha256(JSON.stringify(named)).slice(0, 16),
        ...alert,
      };
    }),
  });

/** The monitoring of a story, and what of it became incidents. */
export const monitoringOf = (ops: Ops) => {
  const send = async (body: string, source = 'monitoring', format = 'alertmanager'): Promise<Response> =>
    fetch(`${ops.url}/v1/hooks/${format}/${source}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: 'Bearer events-secret' },
    });
  return {
    send,
    fire: (...alerts: SentAlert[]) => send(alertmanagerBody(...(alerts.length === 0 ? [{}] : alerts))),
    end: (...alerts: SentAlert[]) =>
      send(
        alertmanagerBody(
          ...(alerts.length === 0 ? [{}] : alerts).map((alert) => ({
            status: 'resolved' as const,
            endsAt: new Date().toISOString(),
            ...alert,
          })),
        ),
      ),
  };
};

/** An incident that a person declares. */
export const declare = async (ops: Ops, body: object = {}, by = 'dan') => {
  const reply = await ops.as(by)('POST', '/v1/incidents', {
    title: 'Nobody can pay',
    service: 'checkout',
    environment: 'production',
    ...body,
  });
  const incident = incidentOf(ops, Number(reply.body['incident']));
  await incident.until(() => true);
  return incident;
};

/** The newest incident, as soon as it is there. */
export const newestIncident = async (ops: Ops, after = 0) => {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const { items } = await ops.stores.incidents.list({ limit: 1 });
    const [found] = items;
    if (found && found.number > after) return incidentOf(ops, found.number);
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('no incident was opened');
};

export const incidentOf = (ops: Ops, number: number) => {
  const now = async (): Promise<Incident | undefined> => (await ops.stores.incidents.find(number))?.record ?? undefined;
  const until = (fits: (incident: IncidentFacts) => boolean): Promise<IncidentFacts> =>
    untilFits('the incident', now, fits);
  const workflowId = incidentWorkflowIdOf(number);
  return {
    number,
    reference: incidentReference(number),
    workflowId,
    now,
    until,
    becomes: (status: IncidentFacts['status']) => until((incident) => incident.status === status),
    ask: (person: string, what: string, body: object = {}) =>
      ops.as(person)('POST', `/v1/incidents/${number}/${what}`, body),
    skip: (milliseconds: number) => skip(ops.client, workflowId, milliseconds),
    /** What its ledger says of these actions, with the minutes since it was opened by its own clock. */
    async told(...actions: string[]) {
      const { body } = await ops.as('aud')('GET', `/v1/incidents/${number}/audit`);
      const entries = body.items as unknown as { action: string; at: string; detail?: Record<string, unknown> }[];
      const begun = Date.parse((await now())!.openedAt);
      return entries.flatMap(({ action, at, detail = {} }) =>
        actions.includes(action.replace('incident.', ''))
          ? [{ action: action.replace('incident.', ''), minute: Math.round((Date.parse(at) - begun) / 60_000), detail }]
          : [],
      );
    },
  };
};
