import { z } from 'zod';
import { sha256 } from '../digest.ts';
import { readAs } from '../json.ts';
import { line } from '../line.ts';
import type { SourceSpec } from '../source.ts';
import { cdEventIn } from './cdevents.ts';
import type { CloudEvent } from './cloudevents.ts';
import { fitsGlob } from './glob.ts';
import { principalsOf } from './principal.ts';
import type { TransitionFact } from './transition.ts';

const eventType = /^dev\.cdevents\.(environment\.(?:created|modified|deleted)|service\.published)\.0\.\d+\.\d+/;
const Placed = z.object({ environment: z.object({ id: line(255) }).optional() });

/**
 * The transition that a CDEvent is, where the source maps it: `service.published` and `environment.*` say that something happened,
 * and only the source knows what of it is a go-live.
 */
export const transitionOf = (
  event: CloudEvent,
  { transitions }: Pick<SourceSpec, 'transitions'>,
): TransitionFact | undefined => {
  const [, on] = eventType.exec(event.type) ?? [];
  if (on === undefined || !transitions.some((mapping) => mapping.on === on)) return undefined;
  const { context, subject, customData } = cdEventIn(event);
  const { environment = { id: subject.id } } = readAs(Placed, subject.content);
  const mapped = transitions.find(
    (mapping) =>
      mapping.on === on && fitsGlob(subject.id, mapping.from) && fitsGlob(environment.id, mapping.environment),
  );
  if (!mapped) return undefined;
  const key = JSON.stringify([context.type, subject.id, environment.id, context.timestamp]);
  return {
    transition: { kind: mapped.kind, ...mapped.to },
    factKey: key.length <= 1000 ? key : sha256(key),
    triggeredBy: principalsOf(event, customData),
  };
};
