import { afterAll, beforeAll, expect, test } from 'vitest';
import { asFiles, document } from '../../support/company.ts';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { startStatuspage } from '../../support/statuspage.ts';

let ops: Ops;
let page: Awaited<ReturnType<typeof startStatuspage>>;

beforeAll(async () => {
  page = await startStatuspage({ token: 'events-secret', page: 'p1' });
  const components = [{ service: 'checkout', name: 'Paying', statuspage: 'paying' }];
  const channel = { type: 'statuspage', page: 'p1', token: 'events', api: page.url } as const;
  ops = await startOps(
    { channels: { public: channel }, statusPages: { shop: { title: 'Shop', components, channel: 'public' } } },
    { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' },
  );
});
afterAll(async () => {
  await ops.stop();
  await page.stop();
});

test('what is published goes to Statuspage too, and moves on with the incident', async () => {
  const incident = await declare(ops, { severity: 'SEV-1', title: 'db-7 is down' });
  await incident.ask('dan', 'report-status', { text: 'db-7 again' });
  await incident.until(({ updates }) => updates.sent === 1);
  await incident.ask('dan', 'acknowledge');
  await incident.ask('dan', 'report-status', { text: 'We are on it', public: true, publicTitle: 'Cards are refused' });
  await expect.poll(() => page.incidents.map(({ status }) => status)).toEqual(['investigating']);

  await incident.ask('dan', 'mitigate', { strategy: 'failover' });
  await expect.poll(() => page.incidents[0]?.status).toBe('identified');
  await incident.ask('dan', 'report-status', { text: 'It works again', public: true });
  await incident.ask('dan', 'resolve', { solution: 'Moved away from db-7' });

  await expect.poll(() => page.incidents[0]?.status, { timeout: 20_000 }).toBe('resolved');
  await expect
    .poll(() => page.incidents[0]?.incident_updates.flatMap(({ body }) => body ?? []))
    .toEqual(['It works again', 'We are on it']);
  expect(page.incidents).toMatchObject([
    { name: 'Cards are refused', impact_override: 'critical', components: { paying: 'operational' } },
  ]);
  expect(JSON.stringify(page.incidents)).not.toMatch(new RegExp(`db-7|dan|checkout|${incident.number}`));
});

test('a status page names a channel of the type statuspage', async () => {
  const components = [{ service: 'checkout', name: 'Paying' }];
  const spec = { team: 'shop', title: 'Shop', components, channel: 'shop-mail' };
  const files = asFiles([document('StatusPage', 'shop', spec)]);

  const applied = await ops.as('admin')('POST', '/v1/catalogue', { files });

  expect(applied.body['errors']).toEqual([expect.stringContaining('shop-mail is of type email, not statuspage')]);
});
