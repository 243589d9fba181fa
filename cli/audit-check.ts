import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { bindToLedger, type Bound, type Readable } from './audit-binding.ts';
import { type Entry, sha256 } from './audit-ledger.ts';
import { CommandFailure } from './state.ts';

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

interface Link {
  sequence: number | null;
  previous: string | null;
  hash: string | null;
  body: string;
}
type SealedLink = { [Field in keyof Link]: NonNullable<Link[Field]> };

interface Checkpoint {
  sequence: number;
  hash: string;
  at: string;
  keyId: string;
  signature: string;
}

interface Export extends Readable {
  format: string;
  ledger: Link[];
  checkpoints: Checkpoint[];
  publicKey: string;
  /** The chain from the first entry to the checkpoint behind the last, as digests of bodies. */
  proof?: { previous: string; first: number; bodyHashes: string[] } | null;
  histories: { workflowId: string; runId: string; sha256: string; history: unknown }[];
}

const linkOf = (previous: string, sequence: number, bodyHash: string): string =>
  sha256(`${previous}\n${sequence}\n${bodyHash}`);

/**
 * Checks an export by itself, without a server and without trust in it: this is written anew and shares nothing with
 * what made the file. `wantedKey` names the key that has to have signed; without it any key will do.
 */
export function checkExport(file: unknown, wantedKey?: string): Checked {
  if (!isExport(file)) throw new CommandFailure(1, 'this is no file of evenkeel audit export');
  const { ledger, checkpoints, publicKey, histories, proof } = file;
  const keyId = sha256(publicKey).slice(0, 16);
  const sealed = ledger.filter(isSealed).toSorted((a, b) => a.sequence - b.sequence);
  const signed = new Map(checkpoints.map(({ sequence, hash }) => [sequence, hash]));

  const linkProblems = sealed.flatMap((link, index) => problemsOfLink(link, sealed[index - 1], signed));
  const checkpointProblems = problemsOfCheckpoints(checkpoints, publicKey, keyId);
  const historyProblems = histories.flatMap(problemsOfHistory);
  const keyProblems =
    wantedKey !== undefined && wantedKey !== keyId ? [`the key is ${keyId} and not ${wantedKey}`] : [];
  const signedLinks = signedBy(sealed, signed, proof ?? undefined);
  const { bound, unbound, problems } = bindToLedger(file, entriesIn(ledger, signedLinks));
  const wrongLinks = new Set(linkProblems.map(({ sequence }) => sequence));
  return {
    entries: sealed.filter(({ sequence }) => !wrongLinks.has(sequence)).length,
    unsealed: ledger.length - sealed.length,
    anchored: signedLinks.size,
    checkpoints: checkpoints.length - checkpointProblems.length,
    histories: histories.length - historyProblems.length,
    keyId,
    bound,
    unbound,
    problems: [
      ...linkProblems.map(({ problem }) => problem),
      ...checkpointProblems,
      ...historyProblems,
      ...keyProblems,
      ...repeatedKeys(ledger),
      ...problems,
    ],
  };
}

/** Walks the chain of the proof. What it says of an entry counts once the walk has come to a checkpoint that agrees. */
const signedBy = (
  sealed: readonly SealedLink[],
  signed: ReadonlyMap<number, string>,
  proof: (Export['proof'] & object) | undefined,
): Set<number> => {
  const those = (isSigned: (link: SealedLink) => boolean): Set<number> =>
    new Set(sealed.filter(isSigned).map(({ sequence }) => sequence));
  if (!proof) return those(({ sequence, hash }) => signed.get(sequence) === hash);
  const links = new Map<number, string>();
  let [previous, lastSigned] = [proof.previous, 0];
  for (const [index, bodyHash] of proof.bodyHashes.entries()) {
    const sequence = proof.first + index;
    previous = linkOf(previous, sequence, bodyHash);
    const wanted = signed.get(sequence);
    if (wanted !== undefined && wanted !== previous) break;
    if (wanted !== undefined) lastSigned = sequence;
    links.set(sequence, previous);
  }
  return those(({ sequence, hash }) => sequence <= lastSigned && links.get(sequence) === hash);
};

/** The entries in the order of the chain, those without a place in it last. */
const entriesIn = (ledger: readonly Link[], signedLinks: ReadonlySet<number>): Entry[] =>
  ledger
    .toSorted((a, b) => (a.sequence ?? Number.MAX_SAFE_INTEGER) - (b.sequence ?? Number.MAX_SAFE_INTEGER))
    .flatMap(({ body, sequence }) => {
      const entry = readBody(body);
      return entry ? [{ ...entry, isSigned: sequence !== null && signedLinks.has(sequence) }] : [];
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

const isExport = (file: unknown): file is Export => {
  if (typeof file !== 'object' || file === null) return false;
  const { format, ledger, checkpoints, publicKey, histories } = file as Partial<Export>;
  const lists = [ledger, checkpoints, histories];
  return format === 'evenkeel-export/v1' && typeof publicKey === 'string' && lists.every(Array.isArray);
};

const isSealed = (link: Link): link is SealedLink =>
  link.sequence !== null && link.previous !== null && link.hash !== null;

const problemsOfLink = (
  { sequence, previous, hash, body }: SealedLink,
  before: SealedLink | undefined,
  signed: ReadonlyMap<number, string>,
): { sequence: number; problem: string }[] => {
  const problems: string[] = [];
  if (linkOf(previous, sequence, sha256(body)) !== hash) problems.push('the entry was changed');
  if (before?.sequence === sequence) problems.push('it is there twice');
  // Between two links of one plan there may be those of others.
  if (before?.sequence === sequence - 1 && before.hash !== previous)
    problems.push('it does not follow the link before');
  if (signed.has(sequence) && signed.get(sequence) !== hash) problems.push('the checkpoint says otherwise');
  return problems.map((problem) => ({ sequence, problem: `link ${sequence}: ${problem}` }));
};

const problemsOfCheckpoints = (checkpoints: readonly Checkpoint[], pem: string, keyId: string): string[] => {
  const key = readKey(pem);
  if (!key) return checkpoints.map(({ sequence }) => `checkpoint ${sequence}: the public key cannot be read`);
  return checkpoints
    .filter(({ sequence, hash, at, signature, keyId: signer }) => {
      const text = Buffer.from(`evenkeel ledger checkpoint\n${sequence}\n${hash}\n${at}`);
      return signer !== keyId || !verify(null, text, key, Buffer.from(signature, 'base64'));
    })
    .map(({ sequence }) => `checkpoint ${sequence}: the signature does not fit`);
};

const readKey = (pem: string): KeyObject | undefined => {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
};

/** The archive holds histories as JSON with two spaces, and its digest is of that text. */
const problemsOfHistory = ({ workflowId, runId, sha256: digest, history }: Export['histories'][number]): string[] =>
  sha256(JSON.stringify(history, null, 2)) === digest ? [] : [`history ${workflowId} ${runId}: it was changed`];
