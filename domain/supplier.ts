import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { Duration } from './duration.ts';
import { line } from './line.ts';
import { SupplierStage } from './supplier/lifecycle.ts';
import { WorkingHours } from './team.ts';

const text = (longest: number) => z.string().min(1).max(longest);
const day = z.iso.date().meta({ description: 'A date such as 2026-11-29' });

const Contract = z
  .strictObject({
    start: day,
    end: day.optional(),
    notice: Duration.optional().meta({ description: 'How long before its end it has to be given up' }),
    renewal: line(200).optional(),
  })
  .refine(({ start, end }) => end === undefined || start < end, { path: ['end'], message: 'is not after its start' });

/** What a supplier promises of one thing. */
const ServicePromise = z.strictObject({
  metric: z.enum(['availability', 'response']),
  percent: z.number().gt(0).lte(100).optional().meta({ description: 'Of availability' }),
  within: Duration.optional().meta({ description: 'Of response' }),
  window: z.enum(['month', 'quarter', 'year']).default('month'),
  minOutage: Duration.optional().meta({ description: 'Shorter outages do not count, by their definition' }),
  exclusions: z.array(line(300)).max(20).default([]),
  credits: z
    .array(z.strictObject({ below: z.number().gt(0).lte(100), percent: z.number().gt(0).lte(100) }))
    .max(10)
    .default([])
    .meta({ description: 'Share of the price that is given back below such an availability' }),
});

/** Who reaches what of ours, or we of theirs, until when. */
const SupplierAccess = z.strictObject({
  who: line(200),
  scope: line(300),
  expires: day.meta({ description: 'The day on which it has to be gone' }),
});
export type SupplierAccess = z.infer<typeof SupplierAccess>;

const planTemplate = nameOf('PlanTemplate').optional();

/** Somebody outside on whom services depend. What is not known yet is left out: the readiness checks ask for it. */
export const SupplierSpec = z
  .strictObject({
    description: text(1050),
    owner: nameOf('Team').meta({ description: 'Team that answers for the supplier' }),
    services: z
      .array(
        z.strictObject({
          service: nameOf('Service'),
          hard: z.boolean().default(true).meta({ description: 'The service is down when the supplier is' }),
        }),
      )
      .min(1)
      .max(200),
    environment: nameOf('Environment').meta({ description: 'Where the work of its plans is done' }),
    stage: SupplierStage.extract(['proposed', 'due-diligence', 'contracted', 'live'])
      .default('proposed')
      .meta({ description: 'Where it is as it enters the catalogue; from there people and plans move it' }),
    criticality: z.enum(['low', 'medium', 'high', 'critical']).optional(),
    supportsCriticalFunction: z.boolean().optional(),
    contract: Contract.optional(),
    sla: z.array(ServicePromise).max(20).default([]),
    support: z
      .strictObject({
        channel: line(300),
        hours: WorkingHours.optional().meta({ description: 'Around the clock unless said' }),
        responseTimes: z.record(z.string().max(63), Duration).default({}),
      })
      .optional(),
    contacts: z
      .array(z.strictObject({ name: line(200), email: z.email().max(254).optional(), phone: line(63).optional() }))
      .max(20)
      .default([]),
    contactsProbedAt: day.optional().meta({ description: 'When somebody was last reached there' }),
    escalation: z.array(line(300)).max(10).default([]),
    statusFeed: z
      .strictObject({
        format: z.enum(['statuspage', 'rss']),
        url: z.url({ protocol: /^https?$/ }).max(2000),
      })
      .optional(),
    access: z.array(SupplierAccess).max(200).default([]),
    dataProcessing: z
      .strictObject({
        classes: z.array(line(63)).min(1).max(20),
        region: line(200),
        terms: line(500).meta({ description: 'Where the data-processing terms are' }),
        subprocessors: z.array(line(200)).max(100).default([]),
      })
      .optional(),
    incidentNotice: Duration.optional().meta({ description: 'How soon they tell of an incident of theirs' }),
    exitPlan: z
      .strictObject({
        steps: z.array(line(500)).min(1).max(50),
        dataReturn: line(500),
        alternative: line(500),
        testedAt: day.optional(),
      })
      .optional(),
    plans: z
      .strictObject({ onboarding: planTemplate, exit: planTemplate, revocation: planTemplate })
      .default({})
      .meta({ description: 'PlanTemplate for its onboarding, for its exit, and for an access that expires' }),
  })
  .meta({ id: 'SupplierSpec' });
export type SupplierSpec = z.infer<typeof SupplierSpec>;
