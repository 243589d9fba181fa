import type { SourceMapping } from '../source.ts';
import type { DeploymentFact } from '../trigger.ts';

type Told = Pick<DeploymentFact, 'subject' | 'artifact' | 'environment' | 'transient'>;

/**
 * The catalogue's names for what a sender speaks of, by the first mapping that fits; undefined is a gap to list, no error.
 * A mapping's `from` is the sender's name of the service or the artifact without its version.
 */
export const mapFact = (fact: Told, mappings: readonly SourceMapping[]): SourceMapping['to'] | undefined =>
  mappings.find((mapping) => fitsService(fact, mapping) && fitsEnvironment(fact, mapping))?.to;

const fitsService = ({ subject, artifact }: Told, { from }: SourceMapping): boolean =>
  from === '*' || from === subject || from === artifactName(artifact);

/** A preview of a pull request is not what "*" is meant for. */
const fitsEnvironment = (fact: Told, { environment }: SourceMapping): boolean =>
  environment === fact.environment || (environment === '*' && !fact.transient);

/** A package URL without version, qualifiers and subpath: what stays the same from one deployment to the next. */
export const artifactName = (artifact: string): string => {
  if (!artifact.startsWith('pkg:')) return artifact;
  const [path = ''] = artifact.split(/[?#]/, 1);
  // The scope of an npm package may be written with a bare "@", ahead of the last slash.
  const version = path.indexOf('@', path.lastIndexOf('/'));
  return version === -1 ? path : path.slice(0, version);
};
