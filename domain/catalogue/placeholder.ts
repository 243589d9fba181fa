import { DomainError } from '../errors.ts';

const placeholder = /\{\{([^{}]*)\}\}/g;

/** What checks may name: they are looked at before there are activities. */
export const checkPlaceholders = [
  'plan',
  'service',
  'team',
  'artifact',
  'supplier',
  'access.who',
  'access.scope',
  'access.expires',
  'environment.name',
] as const;

/** What steps may name. */
export const stepPlaceholders = [...checkPlaceholders, 'activity', 'step'] as const;

/** Names between double braces, each once. */
export const placeholdersOf = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(placeholder), ([, name = '']) => name.trim())),
];

/** True for a name that may be filled in; what an environment or a request says is not known until a plan is made. */
export const isPlaceholder = (name: string, known: readonly string[]): boolean =>
  known.includes(name) || /^(environment|parameter)\.[a-zA-Z][a-zA-Z0-9_]*$/.test(name);

/** The text with its placeholders replaced by the values as they are; whoever uses it encodes. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (_, name: string) => valueOf(name.trim(), values));

/** The JSON text with its placeholders, which stand inside of strings, replaced so that a value cannot leave its string. */
export const fillJson = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(placeholder, (_, name: string) => JSON.stringify(valueOf(name.trim(), values)).slice(1, -1));

/**
 * The URL with its placeholders replaced. Values are percent-encoded, except one at the very start, which is the
 * address itself. The result has to be an `http(s)` URL.
 */
export const fillUrl = (text: string, values: Readonly<Record<string, string>>): string => {
  const filled = text.replace(placeholder, (_, name: string, at: number) => {
    const value = valueOf(name.trim(), values);
    return at === 0 ? value : encoded(name.trim(), value);
  });
  const url = URL.parse(filled);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new DomainError('invalid', `expected an http(s) URL, not ${filled}`);
  }
  return filled;
};

/** Why this can never become an `http(s)` URL, whatever the placeholders stand for; undefined when it can. */
export const urlFault = (text: string): string | undefined => {
  const sample = text.replace(placeholder, (_, name: string, at: number) =>
    at === 0 && name.trim().startsWith('environment.') ? 'http://x' : 'x',
  );
  const isUrl = /^https?:\/\//i.test(sample) && URL.canParse(sample);
  return isUrl ? undefined : 'expected an http(s) URL, or {{environment.<variable>}} at its start';
};

const valueOf = (name: string, values: Readonly<Record<string, string>>): string => {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new DomainError('invalid', `there is no value for {{${name}}}`);
  return value;
};

/** A sender chooses some of the values, and a segment of dots would lead to another path, encoded or not. */
const encoded = (name: string, value: string): string => {
  if (/^\.+$/.test(value)) throw new DomainError('invalid', `{{${name}}} is "${value}", which cannot be part of a URL`);
  return encodeURIComponent(value.toWellFormed());
};
