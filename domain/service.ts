import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { LifecycleStage } from './service/lifecycle.ts';
import { ServiceRequirements } from './service/requirement.ts';

/** The level of service that decides which readiness checks apply; A asks for all that B asks for, B for all of C. */
export const Level = z.enum(['A', 'B', 'C']);
export type Level = z.infer<typeof Level>;

const planTemplate = nameOf('PlanTemplate').optional();

/** A live product or supporting system that a team answers for. */
export const ServiceSpec = z
  .strictObject({
    description: z.string().min(1).max(1050),
    owner: nameOf('Team').meta({ description: 'Team that answers for the service' }),
    escalation: nameOf('EscalationPolicy').optional().meta({
      description: 'EscalationPolicy of its incidents; unless said, that of the team',
    }),
    slo: nameOf('SLO').optional().meta({ description: 'SLO whose target decides the level of the service' }),
    dependsOn: z.array(nameOf('Service')).max(200).default([]),
    redundant: z
      .array(z.array(nameOf('Service')).min(2).max(20))
      .max(50)
      .optional()
      .meta({
        description:
          'Groups of what it depends on, of each of which one is enough: what it needs is down when all of a group are',
      }),
    plans: z
      .strictObject({
        deployment: planTemplate,
        rollback: planTemplate,
        goLive: planTemplate,
        handOver: planTemplate,
        retirement: planTemplate,
        gate: planTemplate.meta({ description: 'Decides whether a run of GitHub Actions may pass to an environment' }),
      })
      .default({})
      .meta({ description: 'PlanTemplate for each trigger' }),
    lifecycle: LifecycleStage.default('live').meta({
      description: 'Stage in which it enters the catalogue; from there plans move it: evenkeel service show',
    }),
    requirements: ServiceRequirements.default({}),
    stakeholders: z
      .array(nameOf('NotificationChannel'))
      .max(50)
      .default([])
      .meta({ description: 'NotificationChannels that receive the reports' }),
    facts: z
      .record(z.string().max(63), z.union([z.string().max(1000), z.number(), z.boolean()]))
      .default({})
      .meta({ description: 'Other facts about the service, for rules' }),
  })
  .meta({ id: 'ServiceSpec' });
export type ServiceSpec = z.infer<typeof ServiceSpec>;

/** The objective of a service as others see it: the SLO that it names, with its strictest target in percent. */
export const ServiceObjective = z.object({ name: z.string(), target: z.number() });
export type ServiceObjective = z.infer<typeof ServiceObjective>;

/** A service with its name, and the objective in place of its name. */
export type DescribedService = Omit<ServiceSpec, 'slo'> & { name: string; slo?: ServiceObjective };
