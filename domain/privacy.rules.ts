import type { Reference } from './reference.ts';

/**
 * Whose matter a record is, for whoever lists or shows what belongs to it: the team, or for a private one nobody but its people. No team
 * has such a name, since names have no dots.
 */
export const visibilityOf = (
  reference: Reference,
  { team, privateTo }: { team: string; privateTo?: readonly string[] | undefined },
): string => (privateTo === undefined ? team : `private.${reference.replace('/', '.')}`);
