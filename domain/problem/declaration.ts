import { z } from 'zod';
import { Identification } from '../problem.ts';
import { line } from '../line.ts';

const name = z.string().max(63);

/** A problem that somebody opens: what keeps happening, or may. */
export const ProblemDeclaration = z
  .strictObject({
    title: line(300).meta({ description: 'What keeps happening, in one line' }),
    service: name.optional(),
    environment: name.optional(),
    team: name.optional().meta({ description: 'Who is to find out, where no service is named' }),
    identification: Identification.default('reactive'),
    incidents: z.array(z.int().min(1)).max(200).default([]).meta({ description: 'That it is about' }),
    privateTo: z.array(name).min(1).max(50).optional().meta({
      description: 'Seen by these people and whoever opens it alone',
    }),
    follows: z.int().min(1).optional().meta({ description: 'The problem that was closed when this came again' }),
  })
  .refine(({ service, team }) => (service === undefined) !== (team === undefined), {
    path: ['service'],
    error: 'expected a service, or else the team that is to find out',
  });
export type ProblemDeclaration = z.infer<typeof ProblemDeclaration>;
