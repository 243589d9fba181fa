import { z } from 'zod';
import { sha256 } from '../digest.ts';
import { DomainError } from '../errors.ts';
import { readAs } from '../json.ts';
import { line } from '../line.ts';
import { timestamp } from '../timestamp.ts';
import type { DeploymentChange, DeploymentFact, Parsed } from '../deployment.ts';
import { type CloudEvent, deliveryKeyOf } from './cloudevents.ts';
import { noteOf } from './display.ts';
import { percentDecoded } from './header.ts';
import { payloadOf } from './payload.ts';
import { principalsOf } from './principal.ts';

const text = (longest: number) => z.string().min(1).max(longest);

/** Up to 0.4 the version is `version` and the subject has a `type`; from 0.5 on it is `specversion`, without. */
const CdEvent = z.object({
  context: z
    .object({
      version: text(32).optional(),
      specversion: text(32).optional(),
      id: text(1000),
      source: text(1000),
      type: text(1000),
      timestamp,
    })
    .refine(
      ({ version, specversion }) => (version === undefined) !== (specversion === undefined),
      'expected either version (up to 0.4) or specversion (from 0.5)',
    ),
  subject: z.object({ id: line(500), source: z.string().max(1000).optional(), content: z.unknown() }),
  customData: z.unknown().optional(),
});
export type CdEvent = z.infer<typeof CdEvent>;

const Placed = z.object({ environment: z.object({ id: line(255) }) });
const Deployed = Placed.extend({ artifactId: line(1000) });
/** The schema of these two demands nothing, so neither do we; the prose asks for the environment. */
const Sparse = Placed.partial().extend({ artifactId: line(1000).optional() });

const changes = new Map<string, { change: DeploymentChange; content: typeof Deployed | typeof Sparse }>([
  ['deployed', { change: 'deployed', content: Deployed }],
  ['upgraded', { change: 'deployed', content: Deployed }],
  ['rolledback', { change: 'rolled-back', content: Deployed }],
  ['removed', { change: 'removed', content: Sparse }],
  ['published', { change: 'published', content: Sparse }],
]);

/**
 * Facts of a CDEvent that came as a CloudEvent: what happened to a service. Other events are kept and start nothing;
 * that is not noted of those that are `usedElsewhere`.
 *
 * The fact's `subject` is the CDEvent's `subject.id`, the sender's name of the service: all five events carry it, the
 * artifact only three. A mapping may name either, see `mapFact`.
 */
export function parseCdEvent(event: CloudEvent, usedElsewhere = false): Parsed {
  const [, family, subject, predicate, major] =
    /^dev\.(cdevents|cdeventsx)\.([^.]+)\.([^.]+)\.(\d+)\.\d+\.\d+/.exec(event.type) ?? [];
  if (family === undefined)
    return { deliveryKey: deliveryKeyOf(event), facts: [], note: noteOf(`${event.type} is no CDEvent`) };

  const told = cdEventIn(event);
  const deliveryKey = deliveryKeyOf(told.context);
  const other = otherId(event, told);
  const nothing = (note: string): Parsed => {
    const notes = [...(usedElsewhere ? [] : [note]), ...(other === undefined ? [] : [other])];
    return { deliveryKey, facts: [], note: noteOf(notes.join('; ')) };
  };
  const known = family === 'cdevents' && subject === 'service' ? changes.get(predicate!) : undefined;
  if (!known || major !== '0') return nothing(`${event.type} is not used`);

  const { environment, artifactId } = readAs(known.content, told.subject.content);
  if (!environment) return nothing(`${event.type} names no environment`);
  const fact = {
    ...factOf(known.change, told, environment.id, artifactId ?? told.subject.id),
    triggeredBy: principalsOf(event, told.customData),
  };
  return { deliveryKey, facts: [fact], note: noteOf(other) };
}

/** The CDEvent that a CloudEvent carries, whose envelope agrees with it. */
export const cdEventIn = (event: CloudEvent): CdEvent => {
  const told = readAs(CdEvent, event.data);
  refuseUnlessAgreed(event, told);
  return told;
};

/** A redelivery may have another id, so the occurrence is what happened to which artifact of which service, where and when. */
const factOf = (change: DeploymentChange, told: CdEvent, environment: string, artifact: string): DeploymentFact => {
  const { context, subject } = told;
  const key = JSON.stringify([context.type, subject.id, environment, artifact, context.timestamp]);
  return {
    change,
    factKey: key.length <= 1000 ? key : sha256(key),
    subject: subject.id,
    environment,
    artifact,
    transient: false,
    payload: payloadOf(told.customData),
    at: context.timestamp,
  };
};

/** The SDKs of several languages give the envelope an id of its own; the event's is the one that stays when it is sent again. */
const otherId = (event: CloudEvent, { context }: CdEvent): string | undefined =>
  isAgreed(event, 'id', context.id)
    ? undefined
    : `the CloudEvent has the id ${event.id}, the CDEvent ${context.id}, which counts`;

/** A sender that encodes nothing writes a percent sign into a header as it is, where it was taken for an escape. */
const isAgreed = (event: CloudEvent, name: 'type' | 'id' | 'source' | 'subject', value: string): boolean =>
  event[name] === value || event[name] === percentDecoded(value);

/** The envelope repeats the event; when they differ, one of them lies. */
const refuseUnlessAgreed = (event: CloudEvent, { context, subject }: CdEvent): void => {
  for (const name of ['type', 'source'] as const) {
    const field = `context.${name}`;
    if (!isAgreed(event, name, context[name]))
      throw new DomainError('invalid', `${name} of the CloudEvent is not ${field} of the CDEvent`, field);
  }
  if (event.subject !== undefined && !isAgreed(event, 'subject', subject.id)) {
    throw new DomainError('invalid', 'subject of the CloudEvent is not subject.id of the CDEvent', 'subject.id');
  }
};
