import { Worker } from 'node:worker_threads';
import type { File } from '../domain/catalogue/read.ts';
import type { Document } from '../domain/document.ts';
import { HttpError } from './errors.ts';

export interface Submitted {
  files: readonly File[];
  /** The catalogue as it stands. */
  existing: readonly Document[];
}

/** The documents of some files, and what is wrong or odd with them: lines that an editor can jump to. */
export interface Examined {
  documents: Document[];
  problems: string[];
  warnings: string[];
}

const mostMegabytes = 512;
const program = new URL('./examination.worker.ts', import.meta.url);

/**
 * Examines documents in a thread of its own, one submission after the other: YAML and patterns can be written so that
 * they take minutes, and everybody else is served meanwhile. Refuses what takes longer than `withinMs`.
 */
export const createExaminer = (withinMs = 10_000): ((submitted: Submitted) => Promise<Examined>) => {
  let thread: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const examine = async (submitted: Submitted): Promise<Examined> => {
    const worker = (thread ??= startThread());
    try {
      return await answerOf(worker, submitted, withinMs);
    } catch (error) {
      thread = undefined;
      await worker.terminate();
      throw error;
    }
  };

  return (submitted) => {
    const turn = last.then(() => examine(submitted));
    last = turn.catch(() => undefined);
    return turn;
  };
};

const startThread = (): Worker => {
  const worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: mostMegabytes } });
  worker.unref();
  return worker;
};

const answerOf = (worker: Worker, submitted: Submitted, withinMs: number): Promise<Examined> =>
  new Promise((resolve, reject) => {
    const refuse = (): void =>
      reject(new HttpError(422, 'the documents take too long to read: apply fewer at once, or simpler ones'));
    const timer = setTimeout(refuse, withinMs);
    worker.removeAllListeners();
    worker.once('message', (examined: Examined) => {
      clearTimeout(timer);
      resolve(examined);
    });
    // It ran out of memory, or onto a fault of ours.
    worker.once('error', (error: Error & { code?: string }) => {
      clearTimeout(timer);
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') refuse();
      else reject(error);
    });
    worker.once('exit', () => reject(new Error('the thread that reads documents has ended')));
    worker.postMessage(submitted, []);
  });
