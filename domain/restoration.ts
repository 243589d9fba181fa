import { z } from 'zod';
import { nameOf, Rule } from './annotation.ts';
import { Duration } from './duration.ts';
import { Evidence } from './evidence.ts';
import { Strategy } from './strategy.ts';

/** How a runbook restores service, and what lets it run. */
export const Restores = z.strictObject({
  strategy: Strategy,
  when: Rule.optional().meta({ description: 'For which services and environments it is suggested (default: all)' }),
  policy: nameOf('ApprovalPolicy').optional().meta({ description: 'Who has to agree before it runs' }),
  automatic: z.boolean().default(false).meta({
    description:
      'It runs by itself, if it is standard, reversible and small enough, at most twice an hour for a service',
  }),
  standard: z
    .boolean()
    .default(false)
    .meta({ description: 'A standard change: pre-authorised, of low risk, documented' }),
  reversible: z.boolean().default(false).meta({ description: 'What it does can be undone' }),
  touches: z.int().min(1).max(10_000).default(1).meta({ description: 'How many services it touches' }),
  verify: Evidence.optional().meta({
    description: 'What shows that service is back; without it the end of all alerts does',
  }),
  capture: z.array(Evidence).max(10).default([]).meta({
    description: 'Looked at beside `verify` before the first step, and kept whatever it shows',
  }),
  within: Duration.default('10m').meta({ description: 'The evidence has to pass by then, or it has not restored' }),
});
export type Restores = z.infer<typeof Restores>;

/** The most services that a runbook which runs by itself may touch, and how often it does in an hour for one service. */
export const automaticLimits = { touches: 1, perHour: 2 } as const;

/** Whether a runbook may run without a person: the guard rails that are not a matter of time. */
export const mayRunByItself = ({ automatic, standard, reversible, touches, policy }: Restores): boolean =>
  automatic && standard && reversible && touches <= automaticLimits.touches && policy === undefined;

/** A runbook that was ordered for an incident, as PostgreSQL has it. */
export interface Restoration {
  incident: number;
  number: number;
  runbook: string;
  /** Of the catalogue, when it was ordered: it is executed as it was then. */
  revision: number;
  service: string;
  environment: string;
  digest: string;
  orderedBy: string;
  /** Who had lent them the token. */
  lentBy: string | null;
  isAutomatic: boolean;
  orderedAt: string;
}
