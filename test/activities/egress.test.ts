import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createEgress, type Reply } from '../../activities/egress.ts';
import { answering, listener, serve } from './world.ts';

const get = (
  url: string,
  allowed: string[] = [],
  more: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Reply> => createEgress(allowed).send({ method: 'GET', url, timeoutMs: 5_000, ...more });

describe('the way out refuses', () => {
  test.each([
    ['loopback', 'http://127.0.0.1:PORT'],
    ['loopback by another of its addresses', 'http://127.1.2.3:PORT'],
    ['loopback by its name', 'http://localhost:PORT'],
    ['loopback of IPv6', 'http://[::1]:PORT'],
    ['no address at all', 'http://0.0.0.0:PORT'],
    ['no address at all of IPv6', 'http://[::]:PORT'],
    ['loopback as one number', 'http://2130706433:PORT'],
    ['loopback in hexadecimal', 'http://0x7f000001:PORT'],
    ['loopback in octal', 'http://0177.0.0.1:PORT'],
    ['loopback cut short', 'http://127.1:PORT'],
    ['loopback mapped into IPv6', 'http://[::ffff:127.0.0.1]:PORT'],
    ['loopback mapped into IPv6 in hexadecimal', 'http://[::ffff:7f00:1]:PORT'],
    ['loopback behind a name and a password', 'http://example.org:80@127.0.0.1:PORT'],
  ])('%s, without connecting to it', async (_, url) => {
    const server = await listener();
    const reply = await get(url.replace('PORT', String(server.port)));

    expect(reply).toMatchObject({ sent: false, refused: true });
    expect(server.connections()).toBe(0);
  });

  test.each([
    ['the metadata of a cloud', '169.254.169.254'],
    ['the metadata of a cloud, mapped into IPv6', '[::ffff:169.254.169.254]'],
    ['a private network', '10.1.2.3'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['a private network, mapped into IPv6', '[::ffff:c0a8:101]'],
    ['a private network of IPv6', '[fd00::1]'],
    ['a site of IPv6', '[fec0::1]'],
    ['a link of IPv6', '[fe80::1]'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['a group', '224.0.0.1'],
    ['a group of IPv6', '[ff02::1]'],
    ['broadcast', '255.255.255.255'],
    ['an address behind NAT64', '[64:ff9b::a00:1]'],
    ['an address behind a NAT64 of the place', '[64:ff9b:1::a00:1]'],
    ['an address in 6to4', '[2002:7f00:1::1]'],
    ['an address in Teredo', '[2001::a00:1]'],
    ['a name without an address', 'nowhere.invalid'],
  ])('%s: %s', async (_, host) => {
    expect(await createEgress([]).resolve(host, 80)).toMatchObject({ refused: expect.any(String) });
  });

  test.each(['ftp://example.org/', 'file:///etc/passwd', 'not a URL', 'javascript:1'])(
    '%s, which is not http',
    async (url) => {
      expect(await get(url)).toEqual({ sent: false, refused: true, reason: 'expected an http(s) URL' });
    },
  );
});

test('no address of this machine is reached, whichever it has', async () => {
  const own = Object.values(networkInterfaces()).flatMap((given) => given ?? []);

  for (const { address, family } of own)
    for (const host of [address, ...(family === 'IPv4' ? [mapped(address)] : [])])
      expect(await createEgress([]).resolve(host, 80)).toMatchObject({ refused: expect.any(String) });
});

/** An IPv4 address as a URL writes it in IPv6. */
const mapped = (address: string): string => new URL(`http://[::ffff:${address}]/`).hostname;

test('an address of the world is not refused', async () => {
  expect(await createEgress([]).resolve('93.184.215.14', 443)).toEqual({ address: '93.184.215.14', family: 4 });
  expect(await createEgress([]).resolve('[2606:2800:21f:cb07::1]', 443)).toEqual({
    address: '2606:2800:21f:cb07::1',
    family: 6,
  });
});

describe('what is allowed', () => {
  test.each(['foo', 'deploy.internal', '10.0.0.0/33', 'host:'])(
    'is a port of a host, or a network: not %s',
    (entry) => {
      expect(() => createEgress([entry])).toThrow(`EVENKEEL_EGRESS_ALLOW: ${entry} is neither`);
    },
  );

  test('by address and port is reached, and no other port of it', async () => {
    const server = await answering(200, 'hello');
    const other = await listener();

    expect(await get(server.url, [server.address])).toMatchObject({ sent: true, status: 200, body: 'hello' });
    expect(await get(other.url, [server.address])).toMatchObject({ sent: false, refused: true });
    expect(other.connections()).toBe(0);
  });

  test('by name and port is reached', async () => {
    const server = await serve((_, response) => void response.end(), 'localhost');
    const url = `http://LocalHost:${server.port}/`;

    expect(await get(url, [server.address])).toMatchObject({ sent: true, status: 200 });
  });

  test('by network is reached, and nothing beside it', async () => {
    const server = await answering(200);

    expect(await get(server.url, ['127.0.0.0/8'])).toMatchObject({ sent: true });
    expect(await get(server.url, ['127.0.0.2/32', '10.0.0.0/8'])).toMatchObject({ sent: false, refused: true });
    expect(await createEgress(['fd00::/8']).resolve('[fd00::1]', 80)).toEqual({ address: 'fd00::1', family: 6 });
  });

  test('may be an address of IPv6 with its port', async () => {
    expect(await createEgress(['[::1]:7499']).resolve('[::1]', 7499)).toEqual({ address: '::1', family: 6 });
    expect(await createEgress(['[::1]:7499']).resolve('[::1]', 7500)).toMatchObject({ refused: expect.any(String) });
  });
});

describe('a reply', () => {
  test('that leads elsewhere is not followed', async () => {
    const elsewhere = await listener();
    const server = await answering(302, '', { location: elsewhere.url });
    const reply = await get(server.url, [server.address, elsewhere.address]);

    expect(reply).toMatchObject({ sent: true, status: 302, headers: { location: elsewhere.url } });
    expect(elsewhere.connections()).toBe(0);
  });

  test('is read up to 256 KiB', async () => {
    let closed = (): void => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const server = await serve((_, response) => {
      response.once('close', closed);
      const more = (): void => {
        while (response.write('x'.repeat(16_384)));
        response.once('drain', more);
      };
      more();
    });
    const reply = await get(server.url, [server.address]);

    await isClosed;
    expect(reply).toMatchObject({ sent: true, status: 200 });
    expect(reply.sent && reply.body.length).toBeLessThanOrEqual(256 * 1024);
    expect(reply.sent && reply.body.length).toBeGreaterThan(128 * 1024);
  });

  test('that does not come ends with the time', async () => {
    const server = await serve(() => {});

    expect(await get(server.url, [server.address], { timeoutMs: 50 })).toEqual({
      sent: false,
      refused: false,
      reason: 'no answer within 50 ms',
    });
  });

  test('that never ends, ends with the time too', async () => {
    const server = await serve((_, response) => {
      response.write('begun');
    });

    expect(await get(server.url, [server.address], { timeoutMs: 50 })).toMatchObject({
      sent: false,
      reason: 'no answer within 50 ms',
    });
  });

  test('is not waited for when the asker gives up', async () => {
    const aborting = new AbortController();
    const server = await serve(() => aborting.abort());

    expect(await get(server.url, [server.address], { signal: aborting.signal })).toMatchObject({
      sent: false,
      refused: false,
    });
  });

  test('of nobody is a failure with its reason', async () => {
    const server = await answering(200);

    expect(await get('http://127.0.0.1:1', ['127.0.0.1:1'])).toEqual({
      sent: false,
      refused: false,
      reason: 'ECONNREFUSED',
    });
    expect(await get(server.url.replace('http', 'https'), [server.address])).toMatchObject({
      sent: false,
      refused: false,
    });
  });
});
