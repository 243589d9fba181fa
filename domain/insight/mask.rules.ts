/** Puts a name in the place of what differs from message to message. */
export type Mask = (text: string) => string;

const replacing =
  (pattern: RegExp, name: string): Mask =>
  (text) =>
    text.replaceAll(pattern, `<${name}>`);

const usualMasks: readonly Mask[] = [
  replacing(/\bhttps?:\/\/[^\s"'<>]+/gi, 'url'),
  replacing(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, 'uuid'),
  replacing(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, 'ip'),
  replacing(/\b(?:[\da-f]{1,4}:){3,7}[\da-f]{1,4}\b/gi, 'ip'),
  replacing(/"[^"]{0,500}"|(?<![\p{L}\d])'[^']{0,500}'(?![\p{L}\d])/gu, 'quoted'),
  replacing(/(?<=^|[\s(=:])\/[\w.-]+(?:\/[\w.-]*)*/g, 'path'),
  replacing(/\b0x[\da-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{8,}\b/gi, 'hex'),
  replacing(/\d+(?:[.,:]\d+)*/g, 'number'),
];

/** The message without what differs each time: first as its own masks say, then addresses, ids, paths, quotations and numbers. */
export const masked = (message: string, own: readonly Mask[] = []): string =>
  [...own, ...usualMasks].reduce((text, mask) => mask(text), message);

/** Words by which a message is found again: in lower case, without what was masked. */
export const wordsOf = (text: string): string[] =>
  (
    text
      .replaceAll(/<[\w*-]+>/g, ' ')
      .toLowerCase()
      .match(/[\p{L}\d]+/gu) ?? []
  ).filter((word) => word.length > 1);
