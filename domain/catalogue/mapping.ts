import type { SourceMapping, SourceSpec } from '../source.ts';
import { covers } from '../trigger/glob.ts';
import { artifactName } from '../trigger/mapping.ts';
import type { Fault } from './location.ts';

/** Mappings of a source that can never fit: an earlier one takes all of it, or its sender has no such names. */
export const idleMappings = ({ format, mappings }: SourceSpec): Fault[] =>
  mappings.flatMap((mapping, at): Fault[] => {
    const stranger = format === 'github' ? strangerToGithub(mapping.from) : undefined;
    if (stranger !== undefined) return [{ path: ['spec', 'mappings', at, 'from'], message: `never fits: ${stranger}` }];
    const earlier = mappings.findIndex((other, index) => index < at && takesAll(other, mapping));
    if (earlier < 0) return [];
    const isSame = JSON.stringify(mappings[earlier]) === JSON.stringify(mapping);
    const message = isSame
      ? `is mapping ${earlier} once more`
      : `never fits: mapping ${earlier} comes first and takes all of it; put the narrower one first`;
    return [{ path: ['spec', 'mappings', at], message }];
  });

const takesAll = (earlier: SourceMapping, later: SourceMapping): boolean =>
  (earlier.when === undefined || earlier.when === later.when) &&
  covers(earlier.from, later.from) &&
  takesEnvironment(earlier.environment, later.environment);

/** "*" takes no short-lived environment, which a narrower pattern behind it may be meant for. */
const takesEnvironment = (earlier: string, later: string): boolean =>
  earlier === '*' ? later === '*' || !later.includes('*') : later !== '*' && covers(earlier, later);

/** GitHub speaks of `owner/repository`, and the artifact is its package URL. */
const strangerToGithub = (from: string): string | undefined => {
  if (from.startsWith('pkg:')) {
    const name = artifactName(from).toLowerCase();
    return covers(name, from) && from.startsWith('pkg:github/')
      ? undefined
      : 'expected pkg:github/owner/repository, in lower case and without version';
  }
  const isRepository = from.includes('*') || /^[^/\s]+\/[^/\s]+$/.test(from);
  return isRepository ? undefined : 'expected owner/repository, as GitHub writes it';
};
