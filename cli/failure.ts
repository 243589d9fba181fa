import type { Problem } from '../api/errors.ts';

interface Details {
  /** What to do about it, on a line of its own. */
  hint?: string | undefined;
  /** All that is wrong, when it is more than one thing. */
  errors?: readonly unknown[] | undefined;
  /** What the API answered with. */
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  /** Nobody was there, so nothing has been done. */
  wasNeverSent?: boolean;
}

/** What ends a command, with the code that the shell sees: `evenkeel --help` documents them. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  readonly details: Details;

  constructor(exitCode: number, message: string, { cause, ...details }: Details & ErrorOptions = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.details = details;
  }
}

/**
 * The same refusal, with fields of the API under the names that whoever typed the command knows. An option whose value
 * will not do is a fault of usage.
 */
export function renamed(failure: CommandFailure, nameOf: (field: string) => string): CommandFailure {
  const { exitCode, details, cause } = failure;
  const faults = details.errors?.filter(isFault) ?? [];
  if (faults.length === 0) return failure;
  const isNamed = (field: string): boolean => faults.some((fault) => fault.field === field);
  const message = failure.message.replaceAll(/(^|; )([^:; ]+)(?=: )/g, (all, before: string, field: string) =>
    isNamed(field) ? before + nameOf(field) : all,
  );
  const errors = details.errors?.map((error) => (isFault(error) ? { ...error, field: nameOf(error.field) } : error));
  const isUsage = exitCode === 1 && faults.some(({ field }) => nameOf(field).startsWith('--'));
  return new CommandFailure(isUsage ? 2 : exitCode, message, { ...details, errors, cause });
}

export const isFault = (error: unknown): error is { field: string; message: string } =>
  typeof error === 'object' && error !== null && 'field' in error && 'message' in error;

const exitCodes: Record<number, number> = { 401: 4, 403: 4, 404: 5, 409: 6, 503: 7 };

const hints: Record<number, string> = {
  401: 'Set EVENKEEL_TOKEN to your token; an admin creates one with: evenkeel token create',
  503: 'See what is missing: evenkeel status, or GET /readyz',
};

/** Who lacks a role sees what they have; whatever else is refused, that would not help. */
const hintOf = (status: number, message: string): string | undefined => {
  if (status !== 403) return hints[status];
  const [lacks, role, scope] = /\bneeds the role (\w+)(?:.*(your token has at most))?/s.exec(message) ?? [];
  if (lacks === undefined) return undefined;
  return scope === undefined
    ? 'See what you may do: evenkeel whoami'
    : `Use a token of a greater scope; an admin creates one with: evenkeel token create --person … --scope ${role}`;
};

/** A refusal of the API as a failure of the command. */
export const refusalOf = (
  status: number,
  { detail, title, errors }: Partial<Problem>,
  retryAfterMs?: number,
): CommandFailure => {
  const message = detail ?? title ?? `the API answered ${status}`;
  return new CommandFailure(exitCodes[status] ?? 1, message, {
    status,
    hint: hintOf(status, message),
    errors,
    retryAfterMs,
  });
};

/** Nobody answered, or not in time. */
export function unreachable(url: string, error: unknown): CommandFailure {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  // No message of another's making: it might hold what was sent.
  const why = isLate ? 'no answer in time' : (code ?? 'no answer');
  return new CommandFailure(7, `Evenkeel is not reachable at ${url} (${why})`, {
    hint: 'Start it with: evenkeel start. If it runs elsewhere, set EVENKEEL_URL or EVENKEEL_STATE_DIR',
    wasNeverSent: code === 'ECONNREFUSED' || code === 'ENOTFOUND',
    cause: error,
  });
}

/** What was asked for; undefined where whoever asks may not see it, or it is not there yet. */
export const unlessHidden = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if (error instanceof CommandFailure && (error.exitCode === 4 || error.exitCode === 5)) return undefined;
    throw error;
  });
