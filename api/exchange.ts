import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** Headers, each as one text. */
export const textsOf = (headers: IncomingHttpHeaders): Record<string, string | undefined> => {
  const texts: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) texts[name] = Array.isArray(value) ? value.join(', ') : value;
  return texts;
};

/** Nobody asks a second time whether this has changed, so it needs no ETag; one string goes out with the headers. */
export const endWith = (response: ServerResponse, body: unknown): void => {
  if (body === undefined) return void response.end();
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(body));
};

/** Aborted when whoever waits for the answer has gone away. */
export const goneWith = (response: ServerResponse): AbortSignal => {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
};
