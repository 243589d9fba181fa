import type { Express } from 'express';

/** Where links of messages lead, by path: what shows the same on the command line, and on the page of the API. */
const signs: readonly [RegExp, (id: string) => { what: string; command: string; operation: string }][] = [
  [
    /^\/v1\/approvals\/([\w.-]+)$/,
    (id) => ({ what: 'An approval', command: `evenkeel approval show ${id}`, operation: 'approvals/showApproval' }),
  ],
  [
    /^\/v1\/operation-plans\/([\w.-]+)$/,
    (id) => ({
      what: 'An operation plan',
      command: `evenkeel plan show ${id}`,
      operation: 'operation%20plans/showOperationPlan',
    }),
  ],
  [
    /^\/v1\/operation-plans\/([\w.-]+)\/reports$/,
    (id) => ({
      what: 'The reports of an operation plan',
      command: `evenkeel plan report ${id}`,
      operation: 'operation%20plans/listReports',
    }),
  ],
  [
    /^\/v1\/tasks\/([\w.-]+)$/,
    (id) => ({ what: 'A task', command: `evenkeel task show ${id}`, operation: 'tasks/showTask' }),
  ],
  [
    /^\/v1\/inbox\/([\w.-]+)$/,
    (id) => ({ what: 'What came in', command: `evenkeel inbox show ${id}`, operation: 'inbox/showInboxRow' }),
  ],
];

/** A person who follows a link with a browser has no token in it: they are told how to see the same thing. */
export function showSignposts(app: Express): void {
  app.use((request, response, next) => {
    if (
      request.method !== 'GET' ||
      request.get('authorization') !== undefined ||
      request.accepts(['json', 'html']) !== 'html'
    )
      return next();
    for (const [pattern, signOf] of signs) {
      // The pattern takes nothing that HTML or a shell would read.
      const [, id] = pattern.exec(request.path) ?? [];
      if (id !== undefined)
        return void response
          .status(401)
          .set('www-authenticate', 'Bearer')
          .type('html')
          .send(pageOf(signOf(id)));
    }
    next();
  });
}

const pageOf = ({ what, command, operation }: ReturnType<(typeof signs)[number][1]>): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${what} in Evenkeel</title></head><body>
<h1>${what}</h1>
<p>It is shown to those who may see it. With your token in <code>EVENKEEL_TOKEN</code> and this address in <code>EVENKEEL_URL</code>:</p>
<pre>${command}</pre>
<p>Or sign in with your token on <a href="/docs#/${operation}">the page of the API</a> (Authorize), and execute it there.</p>
</body></html>
`;
