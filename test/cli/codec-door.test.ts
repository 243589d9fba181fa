import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCodecDoor } from '../../cli/temporal-ui/codec-door.ts';

const ui = 'http://127.0.0.1:24961';
let door: Awaited<ReturnType<typeof startCodecDoor>>;
let link: string;
beforeEach(async () => {
  door = await startCodecDoor((payloads) => Promise.resolve({ opened: payloads }));
  link = door.openFor(ui);
});
afterEach(() => door.stop());

const cookie = async (): Promise<string> => {
  const reply = await fetch(link, { redirect: 'manual' });
  expect([reply.status, reply.headers.get('location')]).toEqual([303, ui]);
  const set = reply.headers.get('set-cookie')!;
  expect(set).toMatch(/HttpOnly; SameSite=Strict/);
  return set.split(';')[0]!;
};
const decode = (headers: Record<string, string>, body = '{"payloads":[]}') =>
  fetch(`${door.url}/decode`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

test('the browser that followed the link reads payloads from the web interface', async () => {
  const preflight = await fetch(`${door.url}/decode`, { method: 'OPTIONS', headers: { origin: ui } });
  expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');

  const reply = await decode({ origin: ui, cookie: `other=1; ${await cookie()}` });

  expect(await reply.json()).toEqual({ opened: { payloads: [] } });
  expect(reply.headers.get('access-control-allow-origin')).toBe(ui);
});

test('nobody else reads any: without the cookie, with another one, from another page, with another key', async () => {
  const mine = await cookie();
  for (const headers of [
    { origin: ui },
    { origin: ui, cookie: `${mine}x` },
    { origin: 'http://evil.example', cookie: mine },
    { cookie: mine },
  ])
    expect((await decode(headers as Record<string, string>)).status).toBe(403);
  expect((await fetch(`${door.url}/open?key=guess`, { redirect: 'manual' })).status).toBe(403);
  expect((await fetch(`${door.url}/elsewhere`)).status).toBe(403);
});

test('a body that is none ends the request, not the door', async () => {
  const mine = await cookie();
  expect((await decode({ origin: ui, cookie: mine }, 'no json')).status).toBe(502);
  expect((await decode({ origin: ui, cookie: mine })).status).toBe(200);
});
