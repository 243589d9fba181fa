import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { bindToLedger, type Bound } from './audit-binding.ts';
import { type Checkpoint, exportOf, type History, type Link, type Proof } from './audit-file.ts';
import { type Entry, sha256 } from './audit-ledger.ts';

/** What was found right in an export, and everything that is not. */
export interface Checked extends Bound {
  entries: number;
  unsealed: number;
  /** Entries from which the chain leads to a signed checkpoint, link by link. */
  anchored: number;
  checkpoints: number;
  histories: number;
  keyId: string;
}

type SealedLink = { [Field in 'sequence' | 'previous' | 'hash']: NonNullable<Link[Field]> } & { body: string };

const linkOf = (previous: string, sequence: number, bodyHash: string): string =>
  sha256(`${previous}\n${sequence}\n${bodyHash}`);

/**
 * Checks an export by itself, without a server and without trust in it: this is written anew and shares nothing with
 * what made the file. `wantedKey` names the key that has to have signed; without it any key will do. Fails when a part
 * has not the shape of one.
 */
export function checkExport(file: unknown, wantedKey?: string): Checked {
  const whole = exportOf(file);
  const { ledger, checkpoints, publicKey, histories, proof } = whole;
  const keyId = sha256(publicKey).slice(0, 16);
  const isOtherKey = wantedKey !== undefined && wantedKey !== keyId;
  const verified = checkpoints.filter(isSignedBy(readKey(publicKey), keyId));
  // What another key has signed, or nobody, proves nothing.
  const signed = new Map(isOtherKey ? [] : verified.map(({ sequence, hash }) => [sequence, hash]));

  const sealed = ledger.filter(isSealed).toSorted((a, b) => a.sequence - b.sequence);
  const walk = walkOf(proof ?? undefined, signed);
  const linkProblems = sealed.flatMap((link, index) => problemsOfLink(link, sealed[index - 1], signed, walk));
  const wrongLinks = new Set(linkProblems.map(({ sequence }) => sequence));
  const sound = sealed.filter(({ sequence }) => !wrongLinks.has(sequence));
  const anchored = new Set(
    sound.filter(({ sequence, hash }) => (walk.links.get(sequence) ?? signed.get(sequence)) === hash),
  );
  const historyProblems = histories.flatMap(problemsOfHistory);
  const { bound, unbound, problems } = bindToLedger(whole, entriesIn(ledger, anchored));
  return {
    entries: sound.length,
    unsealed: ledger.length - sealed.length,
    anchored: anchored.size,
    checkpoints: verified.length,
    histories: histories.length - historyProblems.length,
    keyId,
    bound,
    unbound,
    problems: [
      ...linkProblems.map(({ problem }) => problem),
      ...checkpoints
        .filter((checkpoint) => !verified.includes(checkpoint))
        .map(({ sequence }) => `checkpoint ${sequence}: the signature does not fit`),
      ...walk.problems,
      ...historyProblems,
      ...(isOtherKey ? [`the key is ${keyId} and not ${wantedKey}`] : []),
      ...repeatedKeys(ledger),
      ...problems,
    ],
  };
}

interface Walk {
  /** The links up to the last checkpoint that the chain came to. */
  links: ReadonlyMap<number, string>;
  problems: string[];
}

/** Walks the chain of the proof. What it says of an entry counts once the walk has come to a checkpoint that agrees. */
const walkOf = (proof: Proof | undefined, signed: ReadonlyMap<number, string>): Walk => {
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

/** The entries in the order of the chain, those without a place in it last. */
const entriesIn = (ledger: readonly Link[], anchored: ReadonlySet<Link>): Entry[] =>
  ledger
    .toSorted((a, b) => (a.sequence ?? Number.MAX_SAFE_INTEGER) - (b.sequence ?? Number.MAX_SAFE_INTEGER))
    .flatMap((link) => {
      const entry = readBody(link.body);
      return entry ? [{ ...entry, isSigned: anchored.has(link) }] : [];
    });

/** Two entries of one key would let somebody choose. */
const repeatedKeys = (ledger: readonly Link[]): string[] => {
  const keys = ledger.flatMap(({ body }) => readBody(body)?.key ?? []);
  return keys.filter((key, at) => keys.indexOf(key) < at).map((key) => `ledger: ${key} is there twice`);
};

const readBody = (body: string): Omit<Entry, 'isSigned'> | undefined => {
  try {
    const read = JSON.parse(body) as Partial<Entry> | null;
    const isEntry = [read?.key, read?.action, read?.subject, read?.actor?.name].every(
      (text) => typeof text === 'string',
    );
    return isEntry ? (read as Entry) : undefined;
  } catch {
    return undefined;
  }
};

const isSealed = (link: Link): link is SealedLink =>
  link.sequence !== null && link.previous !== null && link.hash !== null;

const problemsOfLink = (
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

const isSignedBy =
  (key: KeyObject | undefined, keyId: string) =>
  ({ sequence, hash, at, signature, keyId: signer }: Checkpoint): boolean => {
    const text = Buffer.from(`evenkeel ledger checkpoint\n${sequence}\n${hash}\n${at}`);
    return key !== undefined && signer === keyId && verify(null, text, key, Buffer.from(signature, 'base64'));
  };

/** The one kind of key that signs a ledger. */
const readKey = (pem: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
};

/** The archive holds histories as JSON with two spaces, and its digest is of that text. */
const problemsOfHistory = ({ workflowId, runId, sha256: digest, history }: History): string[] =>
  sha256(JSON.stringify(history, null, 2)) === digest ? [] : [`history ${workflowId} ${runId}: it was changed`];
