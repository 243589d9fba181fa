import { z } from 'zod';
import { describedAt } from '../../domain/circumstances.ts';
import type { Document } from '../../domain/document.ts';
import { DomainError } from '../../domain/errors.ts';
import { Name } from '../../domain/name.ts';
import { Level, ServiceObjective } from '../../domain/service.ts';
import { levelOf } from '../../domain/service.rules.ts';
import { LifecycleStage, lifecycleOf, type TransitionPlan } from '../../domain/service/lifecycle.ts';
import { ServiceRequirements } from '../../domain/service/requirement.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const Shown = z.object({
  name: Name,
  description: z.string(),
  owner: Name,
  level: Level,
  slo: ServiceObjective.optional(),
  lifecycle: z.object({
    stage: LifecycleStage,
    since: z.string().optional(),
    plan: z.string().optional().meta({ description: 'The plan that has moved it there' }),
  }),
  requirements: ServiceRequirements,
  dependsOn: z.array(Name),
});
export type ShownService = z.infer<typeof Shown>;

/** Services as they stand: the catalogue does not say where in its life one is. */
export const serviceOperations = ({ stores, recent }: Context): Untagged[] => {
  const shown = async (
    { name, spec }: Pick<Document<'Service'>, 'name' | 'spec'>,
    transitions: readonly TransitionPlan[] = [],
  ): Promise<ShownService> => {
    const described = await describedAt(recent, name, spec);
    const { description, owner, requirements, dependsOn, lifecycle } = spec;
    const found = {
      level: levelOf(described),
      ...(described.slo && { slo: described.slo }),
      lifecycle: lifecycleOf(lifecycle, transitions),
    };
    return { name, description, owner, requirements, dependsOn, ...found };
  };
  return [
    operation({
      id: 'listServices',
      route: 'GET /v1/services',
      summary: 'Lists the services of your teams, with the stage of their life',
      role: 'viewer',
      answer: allOf('All services that you see', Shown),
      async handle({ access }) {
        const documents = await stores.catalogue.list('Service');
        const visible = documents.filter(({ spec }) => access.roleIn(spec.owner) !== undefined);
        const transitions = await stores.lifecycles.transitionsOf(visible.map(({ name }) => name));
        const items = await Promise.all(visible.map((each) => shown(each, transitions.get(each.name))));
        return { body: { items } };
      },
    }),
    operation({
      id: 'showService',
      route: 'GET /v1/services/{name}',
      summary: 'Shows a service: its level, the stage of its life, and what was agreed of it',
      role: 'viewer',
      params: z.strictObject({ name: Name }),
      answer: { status: 200, description: 'The service', schema: Shown },
      async handle({ params: { name }, access }) {
        const spec = await recent.find('Service', name);
        if (!spec) throw new DomainError('not-found', `there is no service ${name}`);
        access.demand('viewer', spec.owner, `service ${name}`);
        const transitions = await stores.lifecycles.transitionsOf([name]);
        return { body: await shown({ name, spec }, transitions.get(name)) };
      },
    }),
  ];
};
