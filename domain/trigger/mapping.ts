import { DomainError } from '../errors.ts';
import { evaluateRule } from '../rule.ts';
import type { SourceMapping } from '../source.ts';
import type { DeploymentFact } from '../deployment.ts';
import { fitsGlob } from './glob.ts';

type Told = Pick<DeploymentFact, 'subject' | 'artifact' | 'environment' | 'transient' | 'task' | 'payload'>;

/**
 * The catalogue's names for what a sender speaks of, by the first mapping that fits; undefined when none does. A
 * mapping's `from` is the sender's name of the service or the artifact without its version. Refuses a rule that has no answer.
 */
export const mapFact = (fact: Told, mappings: readonly SourceMapping[]): SourceMapping['to'] | undefined =>
  mappings.find((mapping) => fitsService(fact, mapping) && fitsEnvironment(fact, mapping) && fitsRule(fact, mapping))
    ?.to;

const fitsService = ({ subject, artifact }: Told, { from }: SourceMapping): boolean =>
  fitsGlob(subject, from) || fitsGlob(artifactName(artifact), from);

/** A preview of a pull request is not what "*" is meant for. */
const fitsEnvironment = (fact: Told, { environment }: SourceMapping): boolean =>
  environment === '*' ? !fact.transient : fitsGlob(fact.environment, environment);

const fitsRule = (fact: Told, { from, when }: SourceMapping): boolean => {
  if (when === undefined) return true;
  const { subject, artifact, environment, task = '', payload = {} } = fact;
  try {
    return evaluateRule(when, { subject, artifact, environment, task, payload });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const [reason = ''] = error.message.split('\n', 1);
    throw new DomainError('invalid', `the rule of the mapping from ${from} cannot be evaluated: ${reason}`);
  }
};

/** A package URL without version, qualifiers and subpath: what stays the same from one deployment to the next. */
export const artifactName = (artifact: string): string => {
  if (!artifact.startsWith('pkg:')) return artifact;
  const [path = ''] = artifact.split(/[?#]/, 1);
  // The scope of an npm package may be written with a bare "@", ahead of the last slash.
  const version = path.indexOf('@', path.lastIndexOf('/'));
  return version === -1 ? path : path.slice(0, version);
};
