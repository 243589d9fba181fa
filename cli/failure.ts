import type { Problem } from '../api/errors.ts';

interface Details {
  /** What to do about it, on a line of its own. */
  hint?: string | undefined;
  /** All that is wrong, when it is more than one thing. */
  errors?: readonly unknown[] | undefined;
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  /** Nobody was there, so nothing has been done. */
  wasNeverSent?: boolean;
  cause?: unknown;
}

/** What the API refused, or that it could not be asked, with the code that the shell sees. */
export class ApiFailure extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly errors: readonly unknown[];
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly wasNeverSent: boolean;

  constructor(exitCode: number, message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.exitCode = exitCode;
    this.hint = details.hint;
    this.errors = details.errors ?? [];
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.wasNeverSent = details.wasNeverSent ?? false;
  }
}

/**
 * The same refusal, with fields of the API under the names that whoever typed the command knows. An option whose value
 * will not do is a fault of usage.
 */
export function renamed(failure: ApiFailure, nameOf: (field: string) => string): ApiFailure {
  const faults = failure.errors.filter(isFault);
  if (faults.length === 0) return failure;
  const isNamed = (field: string): boolean => faults.some((fault) => fault.field === field);
  const message = failure.message.replaceAll(/(^|; )([^:; ]+)(?=: )/g, (all, before: string, field: string) =>
    isNamed(field) ? before + nameOf(field) : all,
  );
  const errors = failure.errors.map((error) => (isFault(error) ? { ...error, field: nameOf(error.field) } : error));
  const { hint, status, retryAfterMs, cause } = failure;
  const isUsage = failure.exitCode === 1 && faults.some(({ field }) => nameOf(field).startsWith('--'));
  return new ApiFailure(isUsage ? 2 : failure.exitCode, message, { hint, errors, status, retryAfterMs, cause });
}

const isFault = (error: unknown): error is { field: string; message: string } =>
  typeof error === 'object' && error !== null && 'field' in error && 'message' in error;

/** Documented in `evenkeel --help`. */
const exitCodes: Record<number, number> = { 401: 4, 403: 4, 404: 5, 409: 6, 503: 7 };

const hints: Record<number, string> = {
  401: 'Set EVENKEEL_TOKEN to a token of yours; an admin makes one with: evenkeel token create',
  403: 'What you may do: evenkeel whoami',
  503: 'What is missing: evenkeel status, or GET /readyz',
};

/** A refusal of the API as a failure of the command. */
export const refusalOf = (
  status: number,
  { detail, title, errors }: Partial<Problem>,
  retryAfterMs?: number,
): ApiFailure =>
  new ApiFailure(exitCodes[status] ?? 1, detail ?? title ?? `the API answered ${status}`, {
    status,
    hint: hints[status],
    errors,
    retryAfterMs,
  });

/** Nobody answered, or not in time. */
export function unreachable(url: string, error: unknown): ApiFailure {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  // No message of another's making: it might hold what was sent.
  const why = isLate ? 'no answer in time' : (code ?? 'no answer');
  return new ApiFailure(7, `Evenkeel is not reachable at ${url} (${why})`, {
    hint: 'Start it with: evenkeel start; one that runs elsewhere is named by EVENKEEL_URL',
    wasNeverSent: code === 'ECONNREFUSED' || code === 'ENOTFOUND',
    cause: error,
  });
}

/** What was asked for; undefined where whoever asks may not see it, or it is not there yet. */
export const unlessHidden = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiFailure && (error.exitCode === 4 || error.exitCode === 5)) return undefined;
    throw error;
  }
};
