import { z } from 'zod';
import { nameOf, Rule } from './annotation.ts';
import { Duration } from './duration.ts';

const label = z.string().min(1).max(200);

/** Which alerts are one incident, and how long it takes them. The first rule that matches, by name, counts. */
export const CorrelationRuleSpec = z
  .strictObject({
    team: nameOf('Team').meta({ description: 'Team whose alerts it is about' }),
    match: Rule.meta({ description: 'Which alerts: a condition on `alert`' }),
    groupBy: z
      .array(z.union([z.enum(['service', 'environment', 'source', 'title', 'severity']), z.strictObject({ label })]))
      .max(20)
      .default(['service', 'environment'])
      .meta({ description: 'What alerts of one incident have in common; nothing makes all of them one' }),
    threshold: z
      .strictObject({ count: z.int().min(2).max(1_000), within: Duration })
      .optional()
      .meta({ description: 'Opens an incident only when so many alerts have begun within this time' }),
    groupWait: Duration.optional().meta({
      description: 'How long more alerts are waited for before anybody is paged (default: nobody waits)',
    }),
    resolveDelay: Duration.default('2m').meta({ description: 'How long none may fire before it counts as recovered' }),
    reopenWindow: Duration.default('30m').meta({
      description: 'How long a resolved incident is opened again by its alerts; later ones open another one',
    }),
    resolveOn: z
      .enum(['all', 'never'])
      .default('all')
      .meta({ description: 'Whether the end of all alerts is a recovery, or only a person says so' }),
    inactivityTimeout: Duration.optional().meta({
      description: 'Ends alerts of which nothing was heard for so long, whatever their source says',
    }),
    topology: z
      .strictObject({ hops: z.int().min(1).max(2).default(2), within: Duration.default('15m') })
      .optional()
      .meta({
        description: 'Also takes alerts to an open incident of a service that depends on theirs, or they on it',
      }),
    inhibitedBy: z
      .strictObject({ match: Rule, equal: z.array(label).max(20).default([]) })
      .optional()
      .meta({ description: 'Opens nothing while such an alert fires that has the same values of these labels' }),
  })
  .meta({ id: 'CorrelationRuleSpec' });
export type CorrelationRuleSpec = z.infer<typeof CorrelationRuleSpec>;

/** Where no rule of the team matches. */
export const usualCorrelation: Omit<CorrelationRuleSpec, 'team' | 'match'> = {
  groupBy: ['service', 'environment'],
  resolveDelay: '2m',
  reopenWindow: '30m',
  resolveOn: 'all',
};
