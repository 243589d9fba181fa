import type { Express } from 'express';
import { sendProblem } from './errors.ts';

/** A path that is there is told from one that is not, whatever is asked of it. */
export const refuseOtherMethods = (app: Express): void => {
  const methods = new Map<string, Set<string>>();
  for (const { route } of app.router.stack) {
    if (!route) continue;
    const known = methods.get(route.path) ?? new Set();
    for (const { method } of route.stack) known.add(method.toUpperCase());
    methods.set(route.path, known);
  }
  for (const [path, known] of methods) {
    const allow = [...known, ...(known.has('GET') ? ['HEAD'] : [])].join(', ');
    app.all(path, (request, response) => {
      response.set('allow', allow);
      if (request.method === 'OPTIONS') return void response.status(204).end();
      const detail = `${request.path} takes ${allow}, and no ${request.method}`;
      sendProblem(response, 405, { detail });
    });
  }
};
