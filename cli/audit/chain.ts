import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Checkpoint, Export, Link, Proof } from './export.ts';
import { digestOf, sha256 } from './ledger.ts';

/** A link that has its place in the chain. */
export type SealedLink = { [Field in 'sequence' | 'previous' | 'hash']: NonNullable<Link[Field]> } & { body: string };

export const isSealed = (link: Link): link is SealedLink =>
  link.sequence !== null && link.previous !== null && link.hash !== null;

const linkOf = (previous: string, sequence: number, bodyHash: string): string =>
  sha256(`${previous}\n${sequence}\n${bodyHash}`);

export interface Walk {
  /** The links up to the last checkpoint that the chain came to. */
  links: ReadonlyMap<number, string>;
  problems: string[];
}

/** Walks the chain of the proof. What it says of an entry counts once the walk has come to a checkpoint that agrees. */
export const walkOf = (proof: Proof | null | undefined, signed: ReadonlyMap<number, string>): Walk => {
  const links = new Map<number, string>();
  let [previous, sinceSigned] = [proof?.previous ?? '', new Map<number, string>()];
  for (const [index, bodyHash] of (proof?.bodyHashes ?? []).entries()) {
    const sequence = proof!.first + index;
    previous = linkOf(previous, sequence, bodyHash);
    const wanted = signed.get(sequence);
    if (wanted !== undefined && wanted !== previous)
      return { links, problems: [`proof: it does not lead to checkpoint ${sequence}`] };
    sinceSigned.set(sequence, previous);
    if (wanted === undefined) continue;
    for (const link of sinceSigned) links.set(...link);
    sinceSigned = new Map();
  }
  return { links, problems: [] };
};

/** What is wrong with a link, beside the one before and what checkpoints and proof say of it. */
export const problemsOfLink = (
  { sequence, previous, hash, body }: SealedLink,
  before: SealedLink | undefined,
  signed: ReadonlyMap<number, string>,
  { links }: Walk,
): { sequence: number; problem: string }[] => {
  const problems: string[] = [];
  if (linkOf(previous, sequence, sha256(body)) !== hash) problems.push('the entry was changed');
  if (before?.sequence === sequence) problems.push('it is there twice');
  // Between two links of one plan there may be those of others.
  if (before?.sequence === sequence - 1 && before.hash !== previous)
    problems.push('it does not follow the link before');
  if (signed.has(sequence) && signed.get(sequence) !== hash) problems.push('the checkpoint says otherwise');
  else if (links.has(sequence) && links.get(sequence) !== hash) problems.push('the proof says otherwise');
  return problems.map((problem) => ({ sequence, problem: `link ${sequence}: ${problem}` }));
};

/** Whether this key, as PEM, has signed a checkpoint. Only the one kind of key that signs a ledger can. */
export const isSignedBy = (pem: string, keyId: string): ((checkpoint: Checkpoint) => boolean) => {
  const key = keyOf(pem);
  return ({ number, sequence, hash, at, signature, keyId: signer }) =>
    signer === keyId && fits(key, ['ledger checkpoint', number, sequence, hash, at, signer], signature);
};

/** What is wrong with the file as a whole: its signature covers every part of it, whatever the ledger says of them. */
export const problemsOfFile = ({ signature, ...rest }: Export): string[] =>
  fits(keyOf(rest.publicKey), ['export', digestOf(rest)], signature)
    ? []
    : ['the file: it is not as it was when it was exported'];

const fits = (key: KeyObject | undefined, lines: readonly (string | number)[], signature: string): boolean =>
  key !== undefined && verify(null, Buffer.from(`evenkeel ${lines.join('\n')}`), key, Buffer.from(signature, 'base64'));

/** Places at which a checkpoint or an entry is out of its order. */
export const problemsOfOrder = ({ checkpoints, ledger }: Export): string[] => [
  ...checkpoints.flatMap(({ number, sequence }, at) => {
    const before = checkpoints[at - 1];
    return before && (number !== before.number + 1 || sequence <= before.sequence)
      ? [`checkpoint ${sequence}: the one before it is missing`]
      : [];
  }),
  ...ledger.flatMap(({ sequence }, at) => {
    const before = at === 0 ? 0 : (ledger[at - 1]!.sequence ?? Number.MAX_SAFE_INTEGER);
    return (sequence ?? Number.MAX_SAFE_INTEGER) < before ? [`link ${sequence}: it is out of its order`] : [];
  }),
];

const keyOf = (pem: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
};
