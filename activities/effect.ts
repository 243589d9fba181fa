import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo, Context, heartbeat } from '@temporalio/activity';
import type { EffectResult } from '../domain/ports.ts';
import type { Undo } from '../domain/runbook.ts';
import { keepable } from '../domain/text.ts';
import type { StepReference } from '../domain/run-authorization.ts';
import { type Circumstances, placeholderValues } from '../domain/circumstances.ts';
import { executeCommand } from './executors/command.ts';
import { mostOutput } from './executors/executor.ts';
import { executeHttp } from './executors/http.ts';
import type { ActivityPorts } from './ports.ts';
import { unlessRefused } from './refusal.ts';

/**
 * How a step ended. `in-doubt`: it was begun before and nobody knows how that ended, so a person has to look. `held`:
 * nothing was begun, since nothing is to begin now.
 */
export interface StepResult {
  outcome: 'done' | 'failed' | 'in-doubt' | 'held';
  detail: string;
  neverSent?: true;
  /** Another attempt waits for so long at least. */
  retryAfterMs?: number;
}

type Ports = Pick<ActivityPorts, 'outbox' | 'egress' | 'secrets' | 'programsFolder'>;

/** A timer that is set for longer goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Acts once under `key`, and keeps how that ended: a second attempt of the activity finds it. */
export async function perform(
  doing: Extract<Undo, { kind: 'http' | 'command' }>,
  { timeoutMs: asked, key, attempt }: { timeoutMs: number; key: string; attempt: number },
  { belongsTo, activity, step }: Pick<StepReference, 'belongsTo' | 'activity' | 'step'>,
  circumstances: Circumstances,
  ports: Ports,
): Promise<StepResult> {
  // What is refused here is refused before anything is begun.
  const values = placeholderValues(circumstances, { activity, step });
  // Each attempt is an effect of its own to us; the receiver sees one key and acts once.
  const row = attempt === 1 ? key : `${key}/attempt-${attempt}`;
  const begun = await ports.outbox.begin(row, belongsTo, doing.kind, { activity, step });
  if (begun.state === 'ended') return resultOf(begun.result);
  // A target of an http step knows the key; a program was told it, but nobody can ask it what it did.
  if (begun.state === 'in-doubt' && doing.kind === 'command' && !doing.repeatable) {
    return { outcome: 'in-doubt', detail: 'the program was started before and how it ended is unknown' };
  }
  const beat = setInterval(() => heartbeat(), 2_000);
  const timeoutMs = Math.min(asked, longestTimerMs);
  const context = Context.current();
  const isInterrupted = (): boolean => hasBeenInterrupted(context);
  try {
    const execution = { ...ports, key, values, timeoutMs, signal: context.cancellationSignal, isInterrupted };
    // A step that cannot be filled in has failed; that is its result, kept like any other.
    const { detail, output, neverSent, retryAfterMs, ok } = await unlessRefused<EffectResult, EffectResult>(
      () => (doing.kind === 'http' ? executeHttp(doing, execution) : executeCommand(doing, execution)),
      (reason) => ({ ok: false, detail: reason, neverSent: true }),
    );
    const kept: EffectResult = {
      ok,
      detail: keepable(detail, 1000),
      output: output === undefined ? undefined : keepable(output, mostOutput),
      retryAfterMs,
      // An earlier begin of this very effect may have got through.
      ...(neverSent && begun.state === 'new' ? { neverSent } : {}),
    };
    if (!ok && !neverSent && isInterrupted()) throw new Error(`${row} was interrupted: nobody saw how it ended`);
    if (!(await patiently(() => ports.outbox.finish(row, begun.fence, kept))))
      throw new Error(`attempt ${activityInfo().attempt} was overtaken by a later one`);
    return resultOf(kept);
  } finally {
    clearInterval(beat);
  }
}

/** Its worker stops, or its time with the server is up: that ends what we see of it, not what it does. */
const hasBeenInterrupted = ({ cancellationSignal, cancellationDetails }: Context): boolean =>
  cancellationSignal.aborted && cancellationDetails?.cancelRequested !== true;

/** An end that is known is not given up for a database that is away for a moment. */
const patiently = async <Given>(write: () => Promise<Given>): Promise<Given> => {
  for (let left = 4; ; left -= 1) {
    try {
      return await write();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(500);
    }
  }
};

const resultOf = ({ ok, detail, neverSent, retryAfterMs }: EffectResult): StepResult => ({
  outcome: ok ? 'done' : 'failed',
  detail,
  ...(neverSent ? { neverSent } : {}),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
