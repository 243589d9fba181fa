import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Access } from './access.ts';
import { sendError } from './errors.ts';
import { endWith, goneWith, textsOf } from './exchange.ts';
import type { Operation } from './operation.ts';

interface Taking {
  log: Logger;
  /** Headers of every answer. */
  everywhere: Readonly<Record<string, string>>;
  access: Access;
}

/** `/v1/hooks/alertmanager/shop`, and what some formats have behind the source; a name that is written in any other way is Express's to judge. */
const toSource = /^(\/v1\/hooks\/[a-z-]+\/)([a-z0-9-]{1,63})((?:\/[a-z0-9]+)*)$/;

/**
 * Posts of senders come by thousands a second, and a router with a body parser costs more than all that is done with them. Those whose
 * address and length are plain are taken here, straight from the server; all others go the long way, and are answered alike.
 */
export const createSenderPosts = (operations: readonly Operation[], { log, everywhere, access }: Taking) => {
  const byPath = new Map(
    operations
      .filter(({ role, method, query }) => role === 'sender' && method === 'post' && query === undefined)
      .map((operation) => [operation.path, operation]),
  );

  const find = (url: string): { operation: Operation; params: Record<string, string> } | undefined => {
    const [, head, source, tail] = toSource.exec(url) ?? [];
    const operation = byPath.get(source === undefined ? url : `${head}{source}${tail}`);
    return operation && { operation, params: source === undefined ? {} : { source } };
  };

  const answer = async (
    { operation, params }: NonNullable<ReturnType<typeof find>>,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> => {
    try {
      const said = await operation.handle({
        params: operation.params === undefined ? {} : operation.params.parse(params, { reportInput: true }),
        query: {},
        body,
        access,
        headers: textsOf(request.headers),
        gone: () => goneWith(response),
      });
      response.statusCode = said.status ?? operation.answer.status;
      for (const [name, value] of Object.entries(said.headers ?? {})) response.setHeader(name, value);
      endWith(response, said.body);
    } catch (error) {
      sendError(response, error, operation.path, log);
    }
  };

  return {
    /** Whether it is answered here. */
    take(request: IncomingMessage, response: ServerResponse): boolean {
      const { method, url = '', headers } = request;
      if (method !== 'POST' || headers['content-encoding'] !== undefined) return false;
      const length = Number(headers['content-length'] ?? 0);
      const found = length > 0 ? find(url) : undefined;
      if (!found || length > (found.operation.limit ?? 0)) return false;
      for (const [name, value] of Object.entries(everywhere)) response.setHeader(name, value);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on(
        'end',
        () => void answer(found, request, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), response),
      );
      // Whoever hangs up in the middle has sent nothing.
      request.on('error', () => {});
      return true;
    },
  };
};
