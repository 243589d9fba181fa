import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { EffectResult } from '../../domain/ports.ts';
import { extract } from '../../domain/text.ts';
import { type Execution, mostOutput } from './executor.ts';
import { whyNotStarted } from './interpreter.ts';
import { signalGroup, untilGone } from './process-group.ts';

/** How long what a program wrote may take to arrive after its end, while a child of it holds the other ends open. */
const lateOutputMs = 500;

type Limits = Pick<Execution, 'key' | 'timeoutMs' | 'signal' | 'isInterrupted'> & { graceMs: number };

/** A worker that stops has a second left: a program of it is stopped in less. */
const interrupted = { graceMs: 300, lateOutputMs: 100, afterKillMs: 200 };
const usual = { lateOutputMs, afterKillMs: 1_000 };

/**
 * Runs a program in a process group of its own until it ends; children that it leaves behind may go on. When its time is
 * up or it is cancelled, the group gets SIGTERM, a grace, and SIGKILL.
 */
export const run = (path: string, args: string[], limits: Limits): Promise<EffectResult> =>
  new Promise((resolve) => {
    const { key, timeoutMs, signal, graceMs, isInterrupted } = limits;
    const child = spawn(path, args, {
      cwd: dirname(path),
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', EVENKEEL_IDEMPOTENCY_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const output = outputOf(child);
    let stopped: string | undefined;
    let killing: NodeJS.Timeout | undefined;
    let goneBy = 0;
    let patience = { ...usual, graceMs };
    const stop = (why: string): void => {
      // A program that never started has no group.
      if (stopped !== undefined || child.pid === undefined) return;
      const { pid } = child;
      stopped = why;
      signalGroup(pid, 'SIGTERM');
      if (isInterrupted()) patience = { ...interrupted, graceMs: Math.min(graceMs, interrupted.graceMs) };
      killing = setTimeout(() => signalGroup(pid, 'SIGKILL'), patience.graceMs);
      // Nothing survives that for longer than a moment.
      goneBy = Date.now() + patience.graceMs + patience.afterKillMs;
    };
    const timer = setTimeout(() => stop(`not done within ${timeoutMs} ms`), timeoutMs);
    const onAbort = (): void => stop('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();

    const end = (result: EffectResult): void => {
      clearTimeout(timer);
      clearTimeout(killing);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      void whyNotStarted(path, error).then((why) =>
        end({ ok: false, detail: `could not be started: ${why}`, neverSent: true }),
      );
    });
    child.once('exit', (code, endedBy) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      const how = endedBy === null ? `exit code ${code}` : `ended by ${endedBy}`;
      // A shell dies at once, and what it started may still be cleaning up: that has the grace too.
      const gone = stopped === undefined ? Promise.resolve() : untilGone(child.pid!, goneBy);
      void gone
        .then(() => output.whole(patience.lateOutputMs))
        .then((said) =>
          end({
            ok: code === 0 && stopped === undefined,
            detail: stopped === undefined ? how : `${stopped}, then ${how}`,
            output: said,
          }),
        );
    });
  });

/** What a program says, on both ways, in the order in which it arrives. */
const outputOf = (child: ChildProcessByStdio<null, Readable, Readable>) => {
  const kept = extract(mostOutput);
  const streams = [child.stdout, child.stderr];
  for (const stream of streams) {
    // A character may come in two chunks.
    const decoder = new StringDecoder('utf8');
    stream.on('data', (chunk: Buffer) => kept.add(decoder.write(chunk)));
    stream.on('end', () => kept.add(decoder.end()));
    // Its other end may break away at any time; that it ended is heard from the program.
    stream.on('error', () => {});
  }
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  return {
    /** All that was said, at the latest after `withinMs`; nobody listens from then on. */
    async whole(withinMs: number): Promise<string> {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      await Promise.race([closed, late]);
      clearTimeout(timer);
      for (const stream of streams) stream.destroy();
      return kept.text();
    },
  };
};
