import { z } from 'zod';
import { sha256 } from '../digest.ts';
import { DomainError } from '../errors.ts';
import { readAs, readSome, readText } from '../json.ts';
import { timestamp } from '../timestamp.ts';
import { headerText, percentDecoded } from './header.ts';

/** A body in a form that this route does not take: HTTP 415, unlike a body with mistakes. */
export class UnsupportedMediaType extends DomainError {
  constructor(message: string) {
    super('invalid', message, 'Content-Type');
  }
}

export interface CloudEventRequest {
  contentType: string | undefined;
  /** With names in lower case, as Node gives them. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  body: Uint8Array;
  acceptsBatches: boolean;
}

const required = z.string().min(1).max(1000);
const optional = z
  .string()
  .min(1)
  .max(2000)
  .nullish()
  .transform((text) => text ?? undefined);

/** What all three ways of writing share. JSON may write an attribute that is not set as null. */
const Attributes = z.looseObject({
  // The Java SDK of CDEvents writes 0.3, which says the same in almost the same words.
  specversion: z.enum(['1.0', '0.3']),
  id: required,
  source: required,
  type: required,
  subject: optional,
  time: timestamp.nullish().transform((text) => text ?? undefined),
  dataschema: optional,
  datacontenttype: optional,
});
type Named = 'id' | 'source' | 'type' | 'subject' | 'time' | 'dataschema' | 'datacontenttype';

/** One event, whichever way it was written. */
export interface CloudEvent extends Pick<z.infer<typeof Attributes>, Named> {
  extensions: Record<string, string | number | boolean>;
  /** A JSON value or text; absent when the event has no data or holds other bytes. */
  data?: unknown;
  /** Data that is neither JSON nor text. */
  dataBase64?: string;
}

const ownNames = new Set([...Object.keys(Attributes.shape), 'data', 'data_base64']);

/** Each event of a batch is a row of the inbox. */
const mostEvents = 1_000;

/** The events of a request: binary, structured or a batch. A batch is looked for first, one name begins the other. */
export function readCloudEvents(request: CloudEventRequest): CloudEvent[] {
  const { contentType, headers, body, acceptsBatches } = request;
  const media = mediaTypeOf(contentType);
  if (media.startsWith('application/cloudevents-batch')) {
    if (media !== 'application/cloudevents-batch+json')
      throw new UnsupportedMediaType(`${media} is not read, only +json`);
    if (!acceptsBatches)
      throw new UnsupportedMediaType('this source takes no batches: see acceptsBatches of the source');
    return readAs(z.array(z.unknown()).max(mostEvents), readSome(body)).map(structured);
  }
  if (media.startsWith('application/cloudevents')) {
    if (media !== 'application/cloudevents+json') throw new UnsupportedMediaType(`${media} is not read, only +json`);
    return [structured(readSome(body))];
  }
  const isBinary = ['ce-id', 'ce-source', 'ce-type', 'ce-specversion'].every((name) => headers[name] !== undefined);
  if (!isBinary)
    throw new UnsupportedMediaType('expected a CloudEvent: application/cloudevents+json or the ce- headers');
  return [binary(request)];
}

/** Identity of a delivery, by the specification: producers keep `source` and `id` when they send again. */
export const deliveryKeyOf = ({ source, id }: Pick<CloudEvent, 'source' | 'id'>): string => {
  const key = JSON.stringify([source, id]);
  return key.length <= 200 ? key : sha256(key);
};

const mediaTypeOf = (contentType = ''): string => {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const media = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (media.startsWith('application/cloudevents') && !/^utf-?8$/i.test(charset)) {
    throw new UnsupportedMediaType(`charset ${charset} is not read, only UTF-8`);
  }
  return media;
};

const isJson = (contentType: string): boolean => /^[^;]*[/+]json\s*(;|$)/i.test(contentType);
const isText = (contentType: string): boolean => /^\s*text\/|^[^;]*[/+]xml\s*(;|$)/i.test(contentType);

const structured = (value: unknown): CloudEvent => {
  const written = readAs(Attributes, value);
  const event = eventOf(written);
  const isEncoded = written.specversion === '0.3' && written['datacontentencoding'] === 'base64';
  const base64 = (isEncoded ? written['data'] : written['data_base64']) ?? undefined;
  if (base64 === undefined) return 'data' in written ? { ...event, data: written['data'] } : event;
  if ('data' in written && !isEncoded)
    throw new DomainError('invalid', 'data and data_base64 are both there', 'data_base64');
  const bytes = Buffer.from(readAs(z.base64(), base64), 'base64');
  return { ...event, ...dataOf(event.datacontenttype ?? 'application/json', bytes) };
};

const binary = ({ contentType, headers, body }: CloudEventRequest): CloudEvent => {
  const written = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && value !== undefined ? [[name.slice(3), percentDecoded(headerText(name, value))]] : [],
  );
  // In this way of writing the type of the data is the type of the body, never a ce- header; a body may have none.
  const event = eventOf(
    readAs(Attributes, { ...Object.fromEntries(written), datacontenttype: contentType || undefined }),
  );
  if (body.length === 0) return event;
  return {
    ...event,
    ...(event.datacontenttype === undefined ? untypedData(body) : dataOf(event.datacontenttype, body)),
  };
};

const eventOf = (written: z.infer<typeof Attributes>): CloudEvent => {
  const { id, source, type, subject, time, dataschema, datacontenttype } = written;
  const extensions = Object.entries(written).filter(
    (entry): entry is [string, string | number | boolean] =>
      !ownNames.has(entry[0]) &&
      /^[a-z0-9]+$/.test(entry[0]) &&
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return { id, source, type, subject, time, dataschema, datacontenttype, extensions: Object.fromEntries(extensions) };
};

/** A sender that says nothing of its data mostly writes JSON. */
const untypedData = (bytes: Uint8Array): Pick<CloudEvent, 'data' | 'dataBase64'> => {
  try {
    return dataOf('application/json', bytes);
  } catch (error) {
    if (error instanceof DomainError) return dataOf('application/octet-stream', bytes);
    throw error;
  }
};

const dataOf = (contentType: string, bytes: Uint8Array): Pick<CloudEvent, 'data' | 'dataBase64'> => {
  if (isJson(contentType)) return { data: readSome(bytes) };
  if (isText(contentType)) return { data: readText(bytes) };
  return { dataBase64: Buffer.from(bytes).toString('base64') };
};
