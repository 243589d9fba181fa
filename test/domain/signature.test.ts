import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signWebhook, verifyBearer, verifyGithub } from '../../domain/signature.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a GitHub signature', () => {
  const secret = "It's a Secret to Everybody";
  const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

  test('fits the published vector, with either of two secrets', () => {
    expect(verifyGithub(bytes('Hello, World!'), header, [secret])).toBe(true);
    expect(verifyGithub(bytes('Hello, World!'), header, ['the next one', secret])).toBe(true);
  });

  test('does not fit another body, secret or form', () => {
    expect(verifyGithub(bytes('Hello, World'), header, [secret])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), header, ['another'])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), header.replace('sha256=', ''), [secret])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), undefined, [secret])).toBe(false);
  });

  test('never fits an empty secret or none', () => {
    const forged = 'sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad';

    expect(verifyGithub(bytes(''), forged, [''])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), header, [])).toBe(false);
  });
});

describe('a Standard Webhooks signature', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

  test('fits the published vector', () => {
    expect(signWebhook(secret, message)).toBe(signature);
    expect(signWebhook(secret, { ...message, body: bytes(message.body) })).toBe(signature);
  });

  test("is what the scheme's own library makes and takes", () => {
    const timestamp = Math.floor(Date.now() / 1000);
    const body = '{"größe":1}';
    const signed = signWebhook(secret, { id: 'msg_1', timestamp, body });

    expect(new Webhook(secret).sign('msg_1', new Date(timestamp * 1000), body)).toBe(signed);
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(timestamp), 'webhook-signature': signed };
    expect(new Webhook(secret).verify(body, headers)).toEqual({ größe: 1 });
  });

  test('needs a key', () => {
    expect(() => signWebhook('whsec_', message)).toThrow('whsec_ followed by base64');
    expect(() => signWebhook('not base64!', message)).toThrow('whsec_ followed by base64');
  });
});

test('a bearer token is compared as a whole', () => {
  expect(verifyBearer('Bearer let-me-in', ['other', 'let-me-in'])).toBe(true);
  expect(verifyBearer('bearer let-me-in', ['let-me-in'])).toBe(true);
  expect(verifyBearer('Bearer let-me', ['let-me-in'])).toBe(false);
  expect(verifyBearer('Bearer ', [''])).toBe(false);
  expect(verifyBearer(undefined, ['let-me-in'])).toBe(false);
});
