import { type Circumstances, circumstancesAt, documentAt } from '../../domain/circumstances.ts';
import { digestOf } from '../../domain/digest.ts';
import { milliseconds } from '../../domain/duration.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Evidence, Finding } from '../../domain/evidence.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import { fits } from '../../domain/incident/fitting-runbook.ts';
import { knownErrorsFor } from '../../domain/problem/offer.ts';
import { mayRunByItself, type Restoration, type Restores } from '../../domain/restoration.ts';
import { groupsOf, type RunbookSpec } from '../../domain/runbook.ts';
import type { Strategy } from '../../domain/strategy.ts';
import type { ActivityPorts } from '../ports.ts';
import { lookAt } from '../probes/index.ts';
import { knownIncident } from './known.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'commands'>;

/** What a workflow has to know of a runbook that was ordered. */
export interface OrderedRestoration {
  strategy: Strategy;
  /** Somebody has to agree first. */
  asks: boolean;
  /** There is evidence to keep before its steps change it. */
  captures: boolean;
  /** There is evidence to look at afterwards, for so long. */
  verifyWithinMs?: number;
  /** People carry out a part of it. */
  hasTasks: boolean;
}

interface Order {
  number: number;
  restoration: number;
  runbook: string;
  /** None where it is to run by itself. */
  command?: string | undefined;
}

/**
 * Writes down that a runbook was ordered: by a person, in a command that was accepted, or by itself within the guard rails.
 * Refuses everything else, whatever a message says.
 */
export async function orderRestoration(
  ports: Ports,
  { number, restoration, runbook, command }: Order,
): Promise<OrderedRestoration> {
  const { catalogue, incidents, commands } = ports;
  const { commission, record } = await knownIncident(incidents, number);
  const { service, environment } = { ...commission, ...record };
  if (service === undefined || environment === undefined)
    throw new DomainError('conflict', `incident ${number} is about no service in no environment yet`);
  const person =
    command === undefined ? undefined : await commands.runbookOrdered(incidentWorkflowIdOf(number), command);
  if (command !== undefined && person?.runbook !== runbook)
    throw new DomainError('not-allowed', `nobody ordered ${runbook} for incident ${number}`);
  const revision = await catalogue.revision();
  const spec = await documentAt(catalogue, 'Runbook', runbook, revision);
  const { restores } = spec;
  if (!restores) throw new DomainError('invalid', `runbook ${runbook} restores nothing: it has no restores`);
  const circumstances = await circumstancesOf(catalogue, number, { service, environment, revision });
  if (!fits(restores, circumstances))
    throw new DomainError('invalid', `runbook ${runbook} is not for ${service} in ${environment}`);
  if (!person && (commission.kind !== 'real' || !mayRunByItself(restores)))
    throw new DomainError('not-allowed', `runbook ${runbook} does not run by itself`);
  await incidents.order({
    incident: number,
    number: restoration,
    runbook,
    revision,
    service,
    environment,
    digest: digestOf({ incident: number, restoration, runbook, spec, service, environment }),
    orderedBy: person?.by ?? 'evenkeel',
    lentBy: person?.lentBy ?? null,
    isAutomatic: !person,
  });
  return {
    strategy: restores.strategy,
    asks: restores.policy !== undefined,
    captures: evidenceBefore(restores).length > 0,
    ...(restores.verify === undefined ? {} : { verifyWithinMs: milliseconds(restores.within) }),
    hasTasks: groupsOf(spec.steps)
      .flat()
      .some(({ kind }) => kind === 'task'),
  };
}

/** Runbooks that fit the incident, the first of them that may run by itself, and the problems whose known errors it shows. */
export async function suggestRestorations(
  { catalogue, incidents, problems }: Pick<ActivityPorts, 'catalogue' | 'incidents' | 'problems'>,
  number: number,
): Promise<{ suggested: string[]; automatic?: string; knownErrors: number[] }> {
  const { commission, record } = await knownIncident(incidents, number);
  const known = await knownErrorsFor({ problems, incidents }, { ...commission, ...record });
  const knownErrors = known.map(({ problem }) => problem);
  const { service, environment } = { ...commission, ...record };
  if (service === undefined || environment === undefined) return { suggested: [], knownErrors };
  const revision = await catalogue.revision();
  const circumstances = await circumstancesOf(catalogue, number, { service, environment, revision });
  const fitting = (await catalogue.list('Runbook', revision)).flatMap(({ name, spec: { restores } }) =>
    restores && fits(restores, circumstances) ? [{ name, restores }] : [],
  );
  // A drill shows what people would do: nothing happens by itself that it did not ask for.
  const isReal = commission.kind === 'real';
  const automatic = fitting.find(({ restores }) => isReal && mayRunByItself(restores))?.name;
  const suggested = fitting.map(({ name }) => name).slice(0, 20);
  return { suggested, knownErrors, ...(automatic === undefined ? {} : { automatic }) };
}

const circumstancesOf = (
  catalogue: Ports['catalogue'],
  incident: number,
  { service, environment, revision }: Pick<Restoration, 'service' | 'environment' | 'revision'>,
): Promise<Circumstances> =>
  circumstancesAt(catalogue, { belongsTo: incidentReference(incident), service, environment, revision });

/** The runbook of a restoration as it was ordered, with what it is about. */
export async function orderedRunbook(
  { catalogue, incidents }: Pick<ActivityPorts, 'catalogue' | 'incidents'>,
  incident: number,
  number: number,
): Promise<{ restoration: Restoration; spec: RunbookSpec; circumstances: Circumstances }> {
  const restoration = await incidents.restoration(incident, number);
  if (!restoration) throw new DomainError('not-found', `incident ${incident} has no runbook ${number}`);
  const spec = await documentAt(catalogue, 'Runbook', restoration.runbook, restoration.revision);
  const circumstances = await circumstancesOf(catalogue, incident, restoration);
  return { restoration, spec, circumstances };
}

/** What its steps may change, and nobody could see afterwards. */
const evidenceBefore = ({ verify, capture }: Restores): Evidence[] => [...(verify ? [verify] : []), ...capture];

/** Looks once at all evidence that is kept, before the first step; what cannot be looked at is `unknown` and holds nothing up. `at` in milliseconds. */
export async function captureEvidence(
  ports: Looking,
  { number, restoration, at }: { number: number; restoration: number; at: number },
): Promise<Finding[]> {
  const { spec, circumstances } = await orderedRunbook(ports, number, restoration);
  const evidence = spec.restores ? evidenceBefore(spec.restores) : [];
  return Promise.all(evidence.map((each) => lookAt(each, { circumstances, at }, ports)));
}

type Looking = Pick<ActivityPorts, 'catalogue' | 'incidents' | 'egress' | 'secrets' | 'readiness'>;

/** Looks whether service is back, once. `at` in milliseconds. */
export async function lookAtRecovery(
  ports: Looking,
  { number, restoration, at }: { number: number; restoration: number; at: number },
): Promise<Finding> {
  const { spec, circumstances } = await orderedRunbook(ports, number, restoration);
  const verify = spec.restores?.verify;
  if (!verify) throw new DomainError('not-found', `nothing verifies runbook ${restoration} of incident ${number}`);
  return lookAt(verify, { circumstances, at }, ports);
}
