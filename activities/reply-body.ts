import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';

/** The body of a reply as text, as far as it was read; `unread` says why there is none. */
export interface ReplyBody {
  body: string;
  /** There is more than was read. */
  isCut: boolean;
  unread?: string;
}

interface Bytes {
  bytes: Buffer;
  isCut: boolean;
}

/** Reads at most `most` bytes, unpacks at most as many, and decodes them by the character set that the reply names. */
export async function readBody(
  stream: AsyncIterable<Buffer>,
  headers: Record<string, string>,
  most: number,
): Promise<ReplyBody> {
  let read = await collect(stream, most);
  for (const coding of codingsOf(headers['content-encoding'])) {
    if (read.bytes.length === 0) break;
    const unpacked = await unpack(coding, read, most);
    if ('unread' in unpacked) return { body: '', isCut: read.isCut, unread: unpacked.unread };
    read = unpacked;
  }
  const decoder = new TextDecoder(charsetOf(read.bytes, headers['content-type'] ?? ''));
  // What was cut may end in the middle of a character.
  return { body: decoder.decode(read.bytes, { stream: read.isCut }), isCut: read.isCut };
}

const collect = async (stream: AsyncIterable<Buffer>, most: number): Promise<Bytes> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, most), isCut: size > most };
};

/** In the order in which they are taken off. */
const codingsOf = (header = ''): string[] =>
  header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .toReversed();

const decoders: Record<string, (bytes: Buffer) => Transform> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  // By its name with a header of zlib, but some send it bare.
  deflate: ([first = 0]) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

const unpack = async (coding: string, packed: Bytes, most: number): Promise<Bytes | { unread: string }> => {
  const decoder = decoders[coding]?.(packed.bytes);
  if (!decoder) return { unread: `it is packed by ${coding}, which is not known here` };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    decoder.end(packed.bytes);
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > most) break;
    }
  } catch {
    // What was cut ends too early, which is no fault of the sender.
    if (!packed.isCut || size === 0) return { unread: `what it is packed in is no valid ${coding}` };
  }
  return { bytes: Buffer.concat(chunks).subarray(0, most), isCut: packed.isCut || size > most };
};

/** By its first bytes, by its header, by what a page or XML says of itself, else UTF-8. */
const charsetOf = (bytes: Buffer, contentType: string): string => {
  const mark = bytes.subarray(0, 3).toString('latin1');
  if (mark.startsWith('\u00ef\u00bb\u00bf')) return 'utf-8';
  if (mark.startsWith('\u00fe\u00ff')) return 'utf-16be';
  if (mark.startsWith('\u00ff\u00fe')) return 'utf-16le';
  const start = /\b(?:html|xml)\b/i.test(contentType) ? bytes.toString('latin1', 0, 1_024) : '';
  const [, named] =
    /;\s*charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType) ??
    /<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)/i.exec(start) ??
    /<meta\b[^>]*\bcharset\s*=\s*["']?([\w.:-]+)/i.exec(start) ??
    [];
  return named !== undefined && isKnown(named) ? named : 'utf-8';
};

const isKnown = (charset: string): boolean => {
  try {
    return new TextDecoder(charset).encoding !== '';
  } catch {
    return false;
  }
};
