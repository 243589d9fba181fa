import { isSealed, isSignedBy, problemsOfFile, problemsOfLink, problemsOfOrder, walkOf } from './chain.ts';
import { exportOf, type History, type Link } from './export.ts';
import { type Entry, sha256 } from './ledger.ts';
import { bindToLedger, type Bound, strangersIn } from './parts.ts';

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
  const verified = checkpoints.filter(isSignedBy(publicKey, keyId));
  // What another key has signed, or nobody, proves nothing.
  const signed = new Map(isOtherKey ? [] : verified.map(({ sequence, hash }) => [sequence, hash]));

  const sealed = ledger.filter(isSealed).toSorted((a, b) => a.sequence - b.sequence);
  const walk = walkOf(proof, signed);
  const linkProblems = sealed.flatMap((link, index) => problemsOfLink(link, sealed[index - 1], signed, walk));
  const wrongLinks = new Set(linkProblems.map(({ sequence }) => sequence));
  const sound = sealed.filter(({ sequence }) => !wrongLinks.has(sequence));
  const anchored = new Set(
    sound.filter(({ sequence, hash }) => (walk.links.get(sequence) ?? signed.get(sequence)) === hash),
  );
  const historyProblems = histories.flatMap(problemsOfHistory);
  const entries = entriesIn(ledger, anchored);
  const { bound, unbound, problems } = bindToLedger(whole, entries);
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
      ...repeatedKeys(entries),
      ...problemsOfOrder(whole),
      ...strangersIn(whole),
      ...problemsOfFile(whole),
      ...problems,
    ],
  };
}

/** The entries in the order of the chain, those without a place in it last. */
const entriesIn = (ledger: readonly Link[], anchored: ReadonlySet<Link>): Entry[] =>
  ledger
    .toSorted((a, b) => (a.sequence ?? Number.MAX_SAFE_INTEGER) - (b.sequence ?? Number.MAX_SAFE_INTEGER))
    .flatMap((link) => {
      const entry = readBody(link.body);
      return entry ? [{ ...entry, isSigned: anchored.has(link) }] : [];
    });

/** Two entries of one key would let somebody choose. */
const repeatedKeys = (entries: readonly Entry[]): string[] => {
  const keys = entries.map(({ key }) => key);
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

/** The archive holds histories as JSON with two spaces, and its digest is of that text. */
const problemsOfHistory = ({ workflowId, runId, sha256: digest, history }: History): string[] =>
  sha256(JSON.stringify(history, null, 2)) === digest ? [] : [`history ${workflowId} ${runId}: it was changed`];
