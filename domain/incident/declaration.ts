import { z } from 'zod';
import { IncidentKind } from '../incident.ts';
import { Severity } from '../severity.ts';
import { line } from '../line.ts';

const instant = z.iso.datetime({ offset: true });

/** An incident that somebody declares: what is broken, as far as they know. */
export const IncidentDeclaration = z
  .strictObject({
    title: line(300).meta({ description: 'What is broken, in one line' }),
    service: z.string().max(63).optional(),
    environment: z.string().max(63).optional(),
    severity: Severity.default('SEV-3').meta({ description: 'When unsure, the higher one' }),
    team: z.string().max(63).optional().meta({ description: 'Who is to respond, where no service is named' }),
    kind: IncidentKind.default('real').meta({
      description: 'A drill pages and counts in no metric; what is backfilled pages nobody',
    }),
    impactAt: instant.optional().meta({ description: 'Since when users feel it' }),
    privateTo: z.array(z.string().max(63)).min(1).max(50).optional().meta({
      description: 'Seen by these people and whoever declares it alone: they are paged, in place of the team',
    }),
    follows: z.int().min(1).optional().meta({ description: 'The incident that was over when this came again' }),
  })
  .refine(({ service, team }) => (service === undefined) !== (team === undefined), {
    path: ['service'],
    error: 'expected a service, or else the team that is to respond',
  });
export type IncidentDeclaration = z.infer<typeof IncidentDeclaration>;
