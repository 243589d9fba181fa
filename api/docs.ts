import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Express } from 'express';
import { openApiOf } from './openapi.ts';
import type { Operation } from './operation.ts';

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Evenkeel API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head><body><div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/init.js"></script></body></html>`;

/** The document and a page to read it, without anything from elsewhere. */
export function serveDocs(app: Express, operations: readonly Operation[]): void {
  const document = JSON.stringify(openApiOf(operations));
  app.get('/openapi.json', (_request, response) => response.type('application/json').send(document));
  app.get('/docs', (_request, response) => {
    // The page sets styles from script; nothing else of the site may.
    response.set(
      'content-security-policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    response.type('html').send(page);
  });
  app.get(
    '/docs/init.js',
    (_request, response) =>
      void response.type('js').send(`SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true });`),
  );
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    app.get(`/docs/${file}`, (_request, response) => response.sendFile(join(swagger, file)));
  }
  app.get('/', (_request, response) => response.redirect(302, '/docs'));
}
