import type { KnownError } from './known-error.ts';

/** What an incident shows: its title and those of its alerts. */
export interface Symptoms {
  team: string;
  service: string | undefined;
  titles: readonly string[];
}

/** Whether an incident shows all that a known error of a team is known by. One that names no service is known to its own team alone. */
export const shows = (
  { titles, services }: KnownError['signature'],
  team: string,
  { team: affected, service, titles: shown }: Symptoms,
): boolean => {
  const isThere = services.length === 0 ? team === affected : service !== undefined && services.includes(service);
  return isThere && (titles.length === 0 || titles.some((pattern) => shown.some((title) => isLike(pattern, title))));
};

/** `*` stands for anything; upper and lower case are the same. The pattern is gone through once, so that none takes long. */
const isLike = (pattern: string, title: string): boolean => {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const text = title.toLowerCase();
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
};
