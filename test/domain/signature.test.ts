import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifyGithub, verifyGrafana, verifyPagerDuty, verifySecret, verifySlack } from '../../domain/signature.ts';

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

test('a bearer token is compared as a whole', () => {
  expect(verifySecret('Bearer let-me-in', ['other', 'let-me-in'])).toBe(true);
  expect(verifySecret('bearer let-me-in', ['let-me-in'])).toBe(true);
  expect(verifySecret('Bearer let-me', ['let-me-in'])).toBe(false);
  expect(verifySecret(`Basic ${btoa('anybody:let-me-in')}`, ['let-me-in'])).toBe(true);
  expect(verifySecret(`Basic ${btoa('let-me-in')}`, ['let-me-in'])).toBe(false);
  expect(verifySecret('Bearer ', [''])).toBe(false);
  expect(verifySecret(undefined, ['let-me-in'])).toBe(false);
});

const published = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
const publishedSecret = "It's a Secret to Everybody";
const hmacOf = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

describe("Grafana's signature", () => {
  const body = bytes('Hello, World!');
  const now = new Date('2026-11-28T09:30:00Z');
  const seconds = now.getTime() / 1_000;
  const signedAt = (timestamp: string) => ({
    signature: hmacOf(`${timestamp}:Hello, World!`, publishedSecret),
    timestamp,
  });

  test('fits the published vector, with either of two secrets', () => {
    expect(verifyGrafana(body, { signature: published }, [publishedSecret], now)).toBe(true);
    expect(verifyGrafana(body, { signature: published }, ['the next one', publishedSecret], now)).toBe(true);
  });

  test.each([
    ['another body', 'Hello, World', published, publishedSecret],
    ['another secret', 'Hello, World!', published, 'another'],
    ['an empty secret', '', hmacOf('', ''), ''],
    ['another form', 'Hello, World!', `sha256=${published}`, publishedSecret],
    ['no signature', 'Hello, World!', undefined, publishedSecret],
  ])('does not fit %s', (_, text, signature, secret) => {
    expect(verifyGrafana(bytes(text), { signature }, [secret], now)).toBe(false);
  });

  test.each([
    ['now', seconds, true],
    ['five minutes ago', seconds - 300, true],
    ['in five minutes, by a fast clock', seconds + 300, true],
    ['longer ago', seconds - 301, false],
    ['in the future', seconds + 301, false],
  ])('that was signed %s', (_, at, fits) => {
    expect(verifyGrafana(body, signedAt(String(at)), [publishedSecret], now)).toBe(fits);
  });

  test.each([
    ['', 'a time that is missing'],
    [`${seconds}.0`, 'half a second'],
    ['now', 'no time'],
    [`${seconds}000`, 'milliseconds'],
    [` ${seconds}`, 'a space'],
  ])('never fits with the time %j: %s', (timestamp) => {
    expect(verifyGrafana(body, signedAt(timestamp), [publishedSecret], now)).toBe(false);
  });

  test('with a time does not fit another time, nor the body alone', () => {
    const { signature } = signedAt(String(seconds));

    expect(verifyGrafana(body, { signature, timestamp: String(seconds - 1) }, [publishedSecret], now)).toBe(false);
    expect(verifyGrafana(body, { signature }, [publishedSecret], now)).toBe(false);
    expect(verifyGrafana(body, { signature: published, timestamp: String(seconds) }, [publishedSecret], now)).toBe(
      false,
    );
  });
});

describe("PagerDuty's signature", () => {
  const body = bytes('Hello, World!');

  test.each([
    ['alone', `v1=${published}`],
    ['as the second', `v1=${'0'.repeat(64)},v1=${published}`],
    ['as the first, with a space between', `v1=${published}, v1=${'0'.repeat(64)}`],
    ['beside a version to come', `v2=abc,v1=${published}`],
  ])('fits the published vector %s', (_, header) => {
    expect(verifyPagerDuty(body, header, ['the next one', publishedSecret])).toBe(true);
  });

  test.each([
    ['another body', 'Hello, World', `v1=${published}`, publishedSecret],
    ['another secret', 'Hello, World!', `v1=${published}`, 'another'],
    ['an empty secret', '', `v1=${hmacOf('', '')}`, ''],
    ['another version', 'Hello, World!', `v2=${published}`, publishedSecret],
    ['no version', 'Hello, World!', published, publishedSecret],
    ['no signature', 'Hello, World!', undefined, publishedSecret],
  ])('does not fit %s', (_, text, header, secret) => {
    expect(verifyPagerDuty(bytes(text), header, [secret])).toBe(false);
  });
});

describe('a Slack signature', () => {
  const secret = '8f742231b10e8888abcd99yyyzzz85a5';
  const body = bytes(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  );
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
  const timestamp = '1531420618';
  const minutesLater = (count: number): Date => new Date((Number(timestamp) + 60 * count) * 1_000);

  test('fits the published vector, with either of two secrets', () => {
    expect(verifySlack(body, { signature, timestamp }, [secret], minutesLater(0))).toBe(true);
    expect(verifySlack(body, { signature, timestamp }, ['the next one', secret], minutesLater(4))).toBe(true);
  });

  test('fits no other time or body, and for five minutes alone', () => {
    expect(verifySlack(body, { signature, timestamp: '1531420619' }, [secret], minutesLater(0))).toBe(false);
    expect(verifySlack(bytes('token=x'), { signature, timestamp }, [secret], minutesLater(0))).toBe(false);
    expect(verifySlack(body, { signature, timestamp }, [secret], minutesLater(6))).toBe(false);
    expect(verifySlack(body, { signature, timestamp: undefined }, [secret], minutesLater(0))).toBe(false);
    expect(verifySlack(body, { signature: undefined, timestamp }, [secret], minutesLater(0))).toBe(false);
  });
});
