import { z } from 'zod';
import { Duration } from '../duration.ts';
import { line } from '../line.ts';
import { WorkingHours } from '../team.ts';

const agreed = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject({
      ...shape,
      agreedIn: line(500).meta({ description: 'Where it was agreed: a contract, a policy, minutes' }),
    })
    .optional();

const within = (description: string) => agreed({ within: Duration.meta({ description }) });

/** What was agreed of a service, each with where: what it has to meet before and while it is live. */
export const ServiceRequirements = z.strictObject({
  availability: agreed({
    percent: z.number().gt(0).lt(100).meta({ description: 'Its SLO promises at least as much' }),
  }),
  rto: within('Recovery time objective: from the disruption until users are served again'),
  rpo: within('Recovery point objective: how much of the latest data may be lost'),
  mtpd: within('Maximum tolerable period of disruption; the RTO is shorter'),
  supportHours: agreed({ hours: WorkingHours }),
  dataClasses: agreed({ classes: z.array(line(63)).min(1).max(20) }),
  peakLoad: agreed({
    value: z.number().positive(),
    unit: line(63).meta({ description: 'Such as requests per second' }),
  }),
});
export type ServiceRequirements = z.infer<typeof ServiceRequirements>;
