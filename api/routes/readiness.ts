import { z } from 'zod';
import type { Role } from '../../domain/actor.ts';
import { hint } from '../../domain/catalogue/suggestion.ts';
import { Duration } from '../../domain/duration.ts';
import type { Kind, SpecOf } from '../../domain/document.ts';
import { DomainError } from '../../domain/errors.ts';
import { planReference } from '../../domain/identifiers.ts';
import { signalOf } from '../../domain/inbox.ts';
import { Name } from '../../domain/name.ts';
import type { PlanTemplateSpec } from '../../domain/plan-template.ts';
import { budgetCheckId, type ReadinessCheck, resourceCheckId, Waiver } from '../../domain/readiness.ts';
import type { ServiceSpec } from '../../domain/service.ts';
import { readinessChanged } from '../../workflows/operation-plan.messages.ts';
import { type Access, demandPerson, refuseLentToken } from '../access.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { mayHaveKey, requestId, validity } from '../idempotency.ts';
import { allOf } from '../page.ts';

const place = {
  service: Name,
  environment: Name,
  check: z.string().regex(/^[A-Z][A-Z0-9]*-[0-9]+$/, 'expected an id such as OBS-5'),
};
type Place = Record<keyof typeof place, string>;

const Attested = z.object({
  id: z.string(),
  expiresAt: z.string(),
  freshness: Duration.optional().meta({ description: 'How long a plan relies on it before it looks again' }),
});
export type Attested = z.infer<typeof Attested>;

/** A check, or an exit criterion. */
type Looked = Pick<ReadinessCheck, 'id' | 'evidence' | 'freshness'>;

export const readinessOperations = ({ stores, recent, commands }: Context): Untagged[] => {
  const demandService = async (name: string, role: Role, access: Access): Promise<ServiceSpec> => {
    const service = await recent.find('Service', name);
    if (!service) throw new DomainError('not-found', `there is no service ${name}`);
    access.demand(role, service.owner, `service ${name}`);
    return service;
  };

  const eachOf = async <K extends Kind>(kind: K, names: readonly (string | undefined)[]): Promise<SpecOf<K>[]> => {
    const named = new Set(names.filter((name) => name !== undefined));
    const found = await Promise.all([...named].map((name) => recent.find(kind, name)));
    return found.filter((spec) => spec !== undefined);
  };

  /** The templates of plans that may be opened for a service, whatever opens them. */
  const templatesOf = async (name: string, { plans }: ServiceSpec): Promise<PlanTemplateSpec[]> => {
    const suppliers = (await recent.list('Supplier')).filter(({ spec }) =>
      spec.services.some(({ service }) => service === name),
    );
    const routines = await recent.list('Routine');
    const requestable = (await recent.list('PlanTemplate')).filter(({ spec }) => spec.requestableBy !== undefined);
    return eachOf('PlanTemplate', [
      ...Object.values(plans),
      ...suppliers.flatMap(({ spec }) => Object.values(spec.plans)),
      ...routines.map(({ spec }) => spec.template),
      ...requestable.map((template) => template.name),
    ]);
  };

  /** What the plans of a service look at: before they go on, and before they leave it to its usual operation. */
  const checksOf = async (name: string, service: ServiceSpec): Promise<Looked[]> => {
    const templates = await templatesOf(name, service);
    const lists = await eachOf(
      'ReadinessChecklist',
      templates.flatMap(({ checklists }) => Object.values(checklists)),
    );
    const exits = templates.flatMap(({ activities }) => activities.flatMap(({ hypercare }) => hypercare?.exit ?? []));
    return [...lists.flatMap(({ checks }) => checks), ...exits];
  };

  /** The checks of the place that go by this name. A word about one that nobody looks at would be kept, and change nothing. */
  const demandChecks = async (ask: Place, role: Role, access: Access): Promise<Looked[]> => {
    const service = await demandService(ask.service, role, access);
    if (!(await recent.find('Environment', ask.environment)))
      throw new DomainError('invalid', `the catalogue has no environment ${ask.environment}`, 'environment');
    const checks = await checksOf(ask.service, service);
    const known = [...new Set([...checks.map(({ id }) => id), resourceCheckId, budgetCheckId])];
    if (known.includes(ask.check)) return checks.filter(({ id }) => id === ask.check);
    throw new DomainError(
      'invalid',
      `no plan of ${ask.service} looks at ${ask.check}${hint(ask.check, known)} (known: ${known.join(', ')})`,
      'check',
    );
  };

  const demandAttestation = (check: string, named: readonly Looked[]): void => {
    if (named.some(({ evidence }) => evidence.kind === 'attestation')) return;
    const how = named[0] ? `by ${named[0].evidence.kind}` : 'by Evenkeel itself';
    throw new DomainError('invalid', `${check} is evaluated ${how} and cannot be attested: request a waiver`, 'check');
  };

  /** The open plans of the place look again at once. */
  const tellPlans = async (service: string, environment: string, why: string): Promise<void> => {
    for (const { id, workflowId, team } of await stores.plans.openFor(service, environment))
      await commands.accept(
        signalOf({
          source: 'readiness',
          dedupKey: `${why}/${workflowId}`,
          name: readinessChanged,
          target: workflowId,
          belongsTo: planReference(id),
          team,
        }),
      );
  };

  return [
    operation({
      id: 'attest',
      route: 'POST /v1/attestations',
      summary: 'Attests that something is true, for a check that asks a person',
      role: 'responder',
      headers: mayHaveKey,
      body: z.strictObject({
        ...place,
        statement: z.string().min(1).max(1000),
        link: z
          .url({ protocol: /^https?$/ })
          .max(2000)
          .optional(),
        validFor: Duration,
      }),
      answer: { status: 201, description: 'Recorded', schema: Attested },
      async handle({ body: { validFor, ...ask }, access, headers }) {
        demandPerson(access, 'only a person with a personal token states something');
        const named = await demandChecks(ask, 'responder', access);
        demandAttestation(ask.check, named);
        const { at, expiresAt } = validity(validFor);
        const id = requestId('attest', { access, headers });
        const kept = await stores.readiness.attest(id, { ...ask, expiresAt }, access.actor, at);
        await tellPlans(ask.service, ask.environment, `attestation/${id}`);
        const freshness = named.find(({ evidence }) => evidence.kind === 'attestation')?.freshness;
        return { body: { id, ...kept, ...(freshness !== undefined && { freshness }) } };
      },
    }),
    operation({
      id: 'askForWaiver',
      route: 'POST /v1/waivers',
      summary: 'Requests to go on without a check for a while; somebody else has to grant it',
      role: 'operator',
      headers: mayHaveKey,
      body: z.strictObject({ ...place, reason: z.string().min(1).max(1000), validFor: Duration }),
      answer: { status: 201, description: 'Requested', schema: Waiver },
      async handle({ body: { validFor, ...ask }, access, headers }) {
        demandPerson(access, 'a waiver is asked for by a person, so that somebody else can grant it');
        await demandChecks(ask, 'operator', access);
        const { at, expiresAt } = validity(validFor);
        const id = requestId('askForWaiver', { access, headers });
        const waiver = await stores.readiness.askForWaiver(id, { ...ask, expiresAt }, access.actor, at);
        // Plans that wait for it notify those who may grant it.
        await tellPlans(ask.service, ask.environment, `waiver/${id}/asked`);
        return { body: waiver };
      },
    }),
    operation({
      id: 'grantWaiver',
      route: 'POST /v1/waivers/{id}/grant',
      summary: 'Grants a waiver that somebody else requested',
      role: 'approver',
      params: z.strictObject({ id: z.uuid() }),
      answer: { status: 200, description: 'Granted', schema: Waiver },
      async handle({ params, access }) {
        demandPerson(access, 'only a person with a personal token grants a waiver');
        const asked = await stores.readiness.waiver(params.id);
        const owner = asked && (await recent.find('Service', asked.service))?.owner;
        if (!asked || owner === undefined || access.roleIn(owner) === undefined)
          throw new DomainError('not-found', `there is no waiver ${params.id}`);
        await demandService(asked.service, 'approver', access);
        refuseLentToken(access, [asked.requestedBy]);
        const waiver = await stores.readiness.grantWaiver(params.id, access.actor, new Date().toISOString());
        await tellPlans(waiver.service, waiver.environment, `waiver/${waiver.id}`);
        return { body: waiver };
      },
    }),
    operation({
      id: 'withdrawWaiver',
      route: 'POST /v1/waivers/{id}/withdraw',
      summary: 'Withdraws a waiver, granted or not; the open plans it concerned are reassessed at once',
      role: 'operator',
      params: z.strictObject({ id: z.uuid() }),
      body: z.strictObject({ reason: z.string().min(1, 'a reason is needed').max(1000) }),
      answer: { status: 200, description: 'Withdrawn', schema: Waiver },
      async handle({ params, body: { reason }, access }) {
        demandPerson(access, 'only a person with a personal token withdraws a waiver');
        const asked = await stores.readiness.waiver(params.id);
        const owner = asked && (await recent.find('Service', asked.service))?.owner;
        if (!asked || owner === undefined || access.roleIn(owner) === undefined)
          throw new DomainError('not-found', `there is no waiver ${params.id}`);
        await demandService(asked.service, 'operator', access);
        const waiver = await stores.readiness.withdrawWaiver(params.id, reason, access.actor, new Date().toISOString());
        await tellPlans(waiver.service, waiver.environment, `waiver/${waiver.id}/withdrawn`);
        return { body: waiver };
      },
    }),
    operation({
      id: 'listWaivers',
      route: 'GET /v1/services/{service}/environments/{environment}/waivers',
      summary: 'Lists the waivers of a service in an environment',
      role: 'viewer',
      params: z.strictObject({ service: Name, environment: Name }),
      answer: allOf('All waivers', Waiver),
      async handle({ params, access }) {
        await demandService(params.service, 'viewer', access);
        return { body: { items: await stores.readiness.waivers(params.service, params.environment) } };
      },
    }),
  ];
};
