import { z } from 'zod';
import { RunId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { RunAsk } from '../../domain/runbook-run.ts';
import { withTries } from '../../domain/step-try.rules.ts';
import { RunWithTries } from '../../domain/step-try.ts';
import { runUpdates } from '../../workflows/runbook.messages.ts';
import type { Access } from '../access.ts';
import { asCommand } from '../commands.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { visibleRecord } from '../record-view.ts';

/** Runs of runbooks, whatever record they belong to, and what may be asked of their steps. */
export const runOperations = (context: Context): Untagged[] => {
  const { stores, commands } = context;
  const visible = async (run: RunId, access: Access, role: 'viewer' | 'operator') => {
    const found = await stores.runs.find(run);
    if (!found) throw new DomainError('not-found', `there is no run ${run}`);
    return { run: found, record: await visibleRecord(context, found.belongsTo, access, role) };
  };

  const stepCommand = (type: 'retry-step' | 'skip-step', path: string, summary: string): Untagged =>
    operation({
      id: runUpdates[type],
      route: `POST /v1/runs/{id}/steps/{step}/${path}`,
      summary,
      role: 'operator',
      params: z.strictObject({ id: RunId, step: z.string().max(63) }),
      body: z.strictObject({ reason: z.string().min(1, 'a reason is required').max(1000) }),
      ...asCommand,
      async handle({ params, body, access, headers }) {
        const { run, record } = await visible(params.id, access, 'operator');
        if (run.endedAt !== undefined) throw new DomainError('conflict', `the run of ${run.activity} has ended`);
        const ask = RunAsk.parse({ type, step: params.step, reason: body.reason });
        return commands.submit(
          { belongsTo: run.belongsTo, target: run.workflowId, name: runUpdates[type], team: record.team, ask },
          { access, headers },
        );
      },
    });

  return [
    operation({
      id: 'showRun',
      route: 'GET /v1/runs/{id}',
      summary: 'Shows a run of a runbook with its steps',
      role: 'viewer',
      params: z.strictObject({ id: RunId }),
      answer: { status: 200, description: 'The run', schema: RunWithTries },
      async handle({ params, access }) {
        const { run } = await visible(params.id, access, 'viewer');
        return { body: withTries(run, await stores.outbox.of(run.belongsTo)) };
      },
    }),
    stepCommand('retry-step', 'retry', 'Retries a failed step, or a failed undo'),
    stepCommand('skip-step', 'skip', 'Skips a step, or a failed undo'),
  ];
};
