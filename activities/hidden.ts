/** The text with every secret hidden, in whichever form a receiver says it back. */
export type Hide = (text: string) => string;

/** A part of an encoded secret that is shorter would be found where there is none. */
const leastEncoded = 6;

/**
 * Hides secrets as they are, and as they stand in URLs and forms, JSON, HTML, hexadecimal and base64, also where the base64
 * is of a longer text around the secret.
 */
export function hiding(secrets: readonly string[]): Hide {
  const forms = secrets
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .flatMap((secret) => [spelled(secret), ...encoded(secret).map(escaped)]);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.join('|'), 'gu');
  return (text) => text.replaceAll(pattern, '[secret]');
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

/** Each character by itself, since every encoder spares other ones. */
const spelled = (secret: string): string => Array.from(secret, (character) => `(?:${waysOf(character)})`).join('');

const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const escapes: Record<string, string> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };

const waysOf = (character: string): string => {
  const point = character.codePointAt(0)!;
  const percent = Array.from(Buffer.from(character), (byte) => `%${anyCase(hex(byte, 2))}`).join('');
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return [
    escaped(character),
    percent,
    // JSON, of which some escape more than they have to.
    units.map((unit) => String.raw`\\u${anyCase(hex(unit, 4))}`).join(''),
    ...('"\\/'.includes(character) ? [String.raw`\\` + escaped(character)] : []),
    ...(character in escapes ? [String.raw`\\${escapes[character]}`] : []),
    `&#0*${point};`,
    `&#[xX]0*${anyCase(hex(point, 1))};`,
    ...(character in names ? [`&${names[character]};`] : []),
    ...(character === ' ' ? [String.raw`\+`] : []),
  ].join('|');
};

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const anyCase = (text: string): string => text.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const encoded = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((before) => insideBase64(bytes, before));
  const all = [
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
  ];
  return [...new Set([...all, bytes.toString('hex').toUpperCase()])].filter((text) => text.length >= leastEncoded);
};

/** The characters of base64 that come from these bytes alone, when so many bytes stand before them. */
const insideBase64 = (bytes: Buffer, before: number): string => {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const isWhole = (before + bytes.length) % 3 === 0;
  return text.slice(Math.ceil((before * 8) / 6), isWhole ? undefined : -1);
};
