import type { Context } from '../../context.ts';
import type { Untagged } from '../../operation.ts';
import { incidentCommands } from './commands.ts';
import { declareIncident } from './declare.ts';
import { incidentReview } from './review.ts';
import { sayNotSimilar } from './not-similar.ts';
import { rateIncident } from './rate.ts';
import { listSimilar } from './similar.ts';
import { incidentReads } from './reads.ts';

export const incidentOperations = (context: Context): Untagged[] => [
  ...incidentReads(context),
  declareIncident(context),
  ...incidentCommands(context),
  ...incidentReview(context),
  rateIncident(context),
  listSimilar(context),
  sayNotSimilar(context),
];
