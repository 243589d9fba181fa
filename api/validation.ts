import { once as event } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { File } from '../domain/catalogue/yaml.ts';
import type { Document } from '../domain/document.ts';
import { HttpError } from './errors.ts';

export interface Submitted {
  files: readonly File[];
  /** The catalogue as it stands. */
  existing: readonly Document[];
}

/** The documents of some files, and what is wrong or odd with them: lines that an editor can jump to. */
export interface Validated {
  documents: Document[];
  problems: string[];
  warnings: string[];
}

const mostMegabytes = 512;
const program = new URL('./validation.worker.ts', import.meta.url);

/**
 * Validates documents in a thread of its own, one submission after the other: YAML and patterns can be written so that
 * they take minutes, and everybody else is served meanwhile. Refuses what takes longer than `withinMs`. Of whoever is gone
 * nothing is read, and their place is free at once.
 */
export const createValidator = (
  withinMs = 10_000,
): ((submitted: Submitted, gone: AbortSignal) => Promise<Validated>) => {
  let thread: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  let idle: NodeJS.Timeout | undefined;

  const end = async (worker: Worker): Promise<void> => {
    if (thread === worker) thread = undefined;
    await worker.terminate();
  };

  const validate = async (submitted: Submitted, gone: AbortSignal): Promise<Validated> => {
    gone.throwIfAborted();
    clearTimeout(idle);
    // Its own start, which a busy machine may draw out, is not the documents' fault.
    const worker = (thread = thread && thread.threadId !== ended ? thread : await startThread());
    try {
      return await answerOf(worker, submitted, { withinMs, gone });
    } catch (error) {
      await end(worker);
      throw error;
    } finally {
      // Applying is rare, and a thread holds tens of megabytes.
      idle = setTimeout(() => void end(worker), idleMs).unref();
    }
  };

  return (submitted, gone) => {
    if (waiting >= mostWaiting)
      return Promise.reject(
        new HttpError(503, 'many others apply at this moment: try again', { headers: { 'retry-after': '10' } }),
      );
    waiting += 1;
    const leave = once(() => (waiting -= 1));
    gone.addEventListener('abort', leave, { once: true });
    const turn = last
      .then(() => validate(submitted, gone))
      .finally(() => {
        gone.removeEventListener('abort', leave);
        leave();
      });
    last = turn.catch(() => undefined);
    return turn;
  };
};

/** What Node calls a thread that has ended. */
const ended = -1;
const mostWaiting = 20;
const idleMs = 30_000;
const startWithinMs = 60_000;

const once = (work: () => void): (() => void) => {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
};

/** Resolves when the thread has loaded all that it needs, and says so. */
const startThread = async (): Promise<Worker> => {
  const worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: mostMegabytes } });
  // It may end by itself while nobody waits for it.
  worker.on('error', () => {});
  worker.unref();
  await nextMessage(worker, AbortSignal.timeout(startWithinMs)).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return worker;
};

const answerOf = async (
  worker: Worker,
  submitted: Submitted,
  { withinMs, gone }: { withinMs: number; gone: AbortSignal },
): Promise<Validated> => {
  const refusal = new HttpError(422, 'the documents take too long to read: apply fewer at once, or simpler ones');
  worker.postMessage(submitted, []);
  const timeIsUp = new AbortController();
  const timer = setTimeout(() => timeIsUp.abort(refusal), withinMs);
  try {
    return (await nextMessage(worker, AbortSignal.any([timeIsUp.signal, gone]))) as Validated;
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY' ? refusal : error;
  } finally {
    clearTimeout(timer);
  }
};

/** What the thread says next. Rejects when it fails or ends instead, or with the reason of the signal. */
const nextMessage = async (worker: Worker, signal: AbortSignal): Promise<unknown> => {
  const answered = new AbortController();
  const either = { signal: AbortSignal.any([signal, answered.signal]) };
  const end = event(worker, 'exit', either).then(() => {
    throw new Error('the thread that reads documents has ended');
  });
  try {
    const [message] = (await Promise.race([event(worker, 'message', either), end])) as unknown[];
    return message;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    answered.abort();
  }
};
