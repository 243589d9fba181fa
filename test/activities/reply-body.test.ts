import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type ReplyBody, readBody } from '../../activities/reply-body.ts';

const most = 1_000;

/** What is read of these bytes, which come in pieces. */
const read = (bytes: Uint8Array, headers: Record<string, string> = {}): Promise<ReplyBody> => {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 7) yield Buffer.from(bytes.subarray(at, at + 7));
  }
  return readBody(pieces(), headers, most);
};
const text = 'Alle Systeme sind grün: ✓';
const bytes = Buffer.from(text);

describe('a body that is packed is unpacked', () => {
  test.each([
    ['gzip', gzipSync(bytes)],
    ['x-gzip', gzipSync(bytes)],
    ['GZIP', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['deflate', deflateRawSync(bytes)],
    ['br', brotliCompressSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    ['identity', bytes],
    ['', bytes],
    ['deflate, gzip', gzipSync(deflateSync(bytes))],
  ])('%s', async (coding, packed) => {
    expect(await read(packed, { 'content-encoding': coding })).toEqual({ body: text, isCut: false });
  });

  test('as far as there is room, however small it came', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'x'));

    expect(bomb.length).toBeGreaterThan(most);
    expect(await read(bomb, { 'content-encoding': 'gzip' })).toEqual({ body: 'x'.repeat(most), isCut: true });
    expect(await read(gzipSync(Buffer.alloc(5_000, 'y')), { 'content-encoding': 'gzip' })).toEqual({
      body: 'y'.repeat(most),
      isCut: true,
    });
  });

  test.each([
    ['compress', bytes, 'it is packed by compress, which is not known here'],
    ['gzip', bytes, 'what it is packed in is no valid gzip'],
    ['br', bytes, 'what it is packed in is no valid br'],
    ['gzip', gzipSync(bytes).subarray(0, -10), 'what it is packed in is no valid gzip'],
  ])('or it is said why not: %s', async (coding, packed, unread) => {
    expect(await read(packed, { 'content-encoding': coding })).toMatchObject({ body: '', unread });
  });

  test('and one that is empty is empty', async () => {
    expect(await read(Buffer.alloc(0), { 'content-encoding': 'gzip' })).toEqual({ body: '', isCut: false });
  });
});

describe('a body is read in the character set', () => {
  const latin1 = Buffer.from('grün', 'latin1');
  const utf16 = Buffer.from('\uFEFFgrün', 'utf16le');
  test.each([
    ['of its header', latin1, 'text/plain; charset=iso-8859-1', 'grün'],
    ['of its header, in quotes', latin1, 'text/plain; Charset="ISO-8859-1"; x=y', 'grün'],
    ['of its header, of another continent', Buffer.from('93fa967b', 'hex'), 'text/plain; charset=Shift_JIS', '日本'],
    ['of its byte order mark', utf16, 'text/plain', 'grün'],
    ['of its byte order mark, the other way round', Buffer.from(utf16).swap16(), 'text/plain', 'grün'],
    ['of its byte order mark, which it does not keep', Buffer.from('\uFEFFgrün'), 'application/json', 'grün'],
    [
      'of its page',
      Buffer.from('<meta charset="windows-1252">grün', 'latin1'),
      'text/html',
      '<meta charset="windows-1252">grün',
    ],
    [
      'of its page, the old way',
      Buffer.from('<meta http-equiv="content-type" content="text/html; charset=latin1">ü', 'latin1'),
      'text/html',
      '<meta http-equiv="content-type" content="text/html; charset=latin1">ü',
    ],
    [
      'of its XML',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><ü/>', 'latin1'),
      'application/rss+xml',
      '<?xml version="1.0" encoding="ISO-8859-1"?><ü/>',
    ],
    ['that most have, when it names none', bytes, '', text],
    ['that most have, when nobody knows the one that it names', bytes, 'text/plain; charset=klingon', text],
  ])('%s', async (_, given, type, expected) => {
    expect(await read(given, { 'content-type': type })).toEqual({ body: expected, isCut: false });
  });

  test('and what is cut in the middle of a character ends before it', async () => {
    expect(await read(Buffer.from(`${'x'.repeat(most - 1)}✓`))).toEqual({ body: 'x'.repeat(most - 1), isCut: true });
  });
});
