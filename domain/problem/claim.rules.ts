import { DomainError } from '../errors.ts';
import type { Claim } from './claim.ts';

/** A name for whom to blame explains nothing: what made it likely does. */
const blames = /\b(?:human|operator|user|engineer|manual) (?:error|failure|mistake|fault)s?\b|\bcareless|\bnegligen/i;

/** Causes that nobody has refuted and that no other claim explains further. */
export const leavesOf = (claims: readonly Claim[]): Claim[] => {
  const standing = claims.filter(({ kind, status }) => kind === 'why' && status !== 'refuted');
  return standing.filter(({ number }) => !standing.some(({ explains }) => explains === number));
};

/** Leaves that somebody has shown to hold: what has contributed. */
export const factorsOf = (claims: readonly Claim[]): Claim[] =>
  leavesOf(claims).filter(({ status, text }) => status === 'supported' && !blames.test(text));

/** An investigation that has come to something: a factor that is supported, and no chain that ends with a person. */
export const refuseUnexplained = (claims: readonly Claim[]): void => {
  const blaming = leavesOf(claims).find(({ text }) => blames.test(text));
  if (blaming)
    throw new DomainError(
      'conflict',
      `claim ${blaming.number} ends with a person: say why that was likely, as a claim that explains it, or refute it`,
    );
  if (factorsOf(claims).length === 0)
    throw new DomainError('conflict', 'no cause is supported yet: add a claim of kind why, and judge it');
};

/** The claim with this number. */
export const claimNumbered = (claims: readonly Claim[], number: number, field: string): Claim => {
  const claim = claims.find((each) => each.number === number);
  if (!claim) throw new DomainError('not-found', `there is no claim ${number}`, field);
  return claim;
};
