import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { setTimeout } from 'node:timers/promises';
import createClient from 'openapi-fetch';

type Method = 'get' | 'post' | 'delete' | 'options';
export interface Document {
  paths: Record<string, Partial<Record<Method, { operationId: string; responses: Record<string, Said> }>>>;
}
interface Said {
  content?: Record<string, unknown>;
}

/** What a call sends, as clients that are generated take it. */
export interface Sent {
  params?: { path?: Record<string, string>; query?: Record<string, unknown>; header?: Record<string, string> };
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Got {
  status: number;
  /** As far as it is JSON. */
  body: Record<string, unknown> & { items: Record<string, unknown>[] };
}

/** A client made from the document of a server: it knows operations by their ids, and believes no answer unseen. */
export const clientOf = (url: string, document: Document) => {
  const client = createClient<Record<string, Record<string, object>>>({ baseUrl: url });
  const isPublished = checkerOf(document);
  const calls: { id: string; method: Method; path: string; sent: Sent }[] = [];

  const call = async (id: string, sent: Sent = {}, token?: string): Promise<Got> => {
    const { path, method } = placeOf(document, id);
    calls.push({ id, method, path, sent });
    const { response, data, error } = await (
      client.request as (...of: unknown[]) => Promise<{
        response: Response;
        data?: unknown;
        error?: unknown;
      }>
    )(method, path, {
      ...sent,
      headers: { ...sent.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...([
        'metrics',
        'readCalendar',
        'readStatusFeed',
        'showPerformanceReportAsText',
        'showPerformanceReportAsPage',
      ].includes(id)
        ? { parseAs: 'text' }
        : {}),
    });
    const body = data ?? error;
    isPublished({ id, method, path }, response, body);
    // Checking may take longer than the server keeps an idle connection: that it was closed is heard before the next call.
    await setTimeout(5);
    return { status: response.status, body: (body ?? {}) as Got['body'] };
  };
  return { call, calls };
};

const placeOf = (document: Document, id: string): { path: string; method: Method } => {
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, { operationId }] of Object.entries(item))
      if (operationId === id) return { path, method: method as Method };
  throw new Error(`the document has no operation ${id}`);
};

/** Throws for an answer whose status, content type or body the document does not have. */
const checkerOf = (document: Document) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  return (
    { id, method, path }: { id: string; method: Method; path: string },
    response: Response,
    body: unknown,
  ): void => {
    const said = document.paths[path]![method]!.responses;
    const status = String(response.status);
    if (!(status in said) && response.status < 400) throw new Error(`${id} answers ${status}, which is not published`);
    const key = status in said ? status : 'default';
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
    const content = said[key]!.content;
    if (content === undefined) {
      if (body !== undefined && JSON.stringify(body) !== '{}' && body !== '')
        throw new Error(`${id} answers ${status} with a body`);
      return;
    }
    if (!(type in content)) throw new Error(`${id} answers ${status} as ${type}, which is not published`);
    const pointer = ['paths', path, method, 'responses', key, 'content', type, 'schema'].map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const fits = ajv.compile({ $ref: `openapi#/${pointer.join('/')}` });
    if (!fits(body))
      throw new Error(`${id} answers ${status} with ${JSON.stringify(body)}: ${ajv.errorsText(fits.errors)}`);
  };
};

/** Compiles these calls against the types that openapi-typescript makes of the document; what does not fit is thrown. */
export async function compile(
  document: Document,
  calls: { method: Method; path: string; sent: Sent }[],
): Promise<void> {
  // The generator builds its types with the TypeScript of before the native one.
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      next(
        name === 'typescript' && context.parentURL?.includes('/openapi-typescript/') ? 'typescript-5' : name,
        context,
      ),
  });
  const { default: typesOf, astToString } = await import('openapi-typescript');
  const types = astToString(await typesOf(document as unknown as Parameters<typeof typesOf>[0]));
  hooks.deregister();
  const root = join(import.meta.dirname, '..', '..');
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-client-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'document.d.ts'), types);
    const lines = calls.map(
      ({ method, path, sent }) =>
        `await client.${method.toUpperCase()}(${JSON.stringify(path)}, ${JSON.stringify(sent)});`,
    );
    const head = `import createClient from 'openapi-fetch';\nimport type { paths } from './document.d.ts';\nconst client = createClient<paths>();\n`;
    writeFileSync(join(folder, 'calls.ts'), `${head}${lines.join('\n')}\n`);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const compiler = join(root, 'node_modules', 'typescript-5', 'bin', 'tsc');
    const options = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'esnext'];
    execFileSync(process.execPath, [compiler, ...options, '--allowImportingTsExtensions', 'calls.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    throw error instanceof Error && 'stdout' in error ? new Error(String(error.stdout).slice(0, 4_000)) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
