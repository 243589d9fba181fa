import { DomainError } from '../../domain/errors.ts';
import type { Notice, Said } from '../../domain/notice.ts';
import type { Reference } from '../../domain/reference.ts';
import type { ActivityPorts } from '../ports.ts';
import { kindIn } from '../record-kind.ts';

type Ports = Pick<ActivityPorts, 'kinds' | 'runs' | 'tasks'>;

/** What a workflow says, in the words that PostgreSQL has for it: a mail never carries what only a message said. */
export async function noticeOf(said: Said, belongsTo: Reference, ports: Ports): Promise<Notice> {
  switch (said.reason) {
    case 'task-opened':
    case 'task-reminded':
    case 'task-late':
    case 'task-reassigned':
    case 'task-taken': {
      const task = (await ports.tasks.find(said.task))?.task;
      if (task?.belongsTo !== belongsTo) throw new DomainError('not-found', `${belongsTo} has no task ${said.task}`);
      return { reason: said.reason, task };
    }
    case 'step-held':
    case 'step-failed':
    case 'step-undo-failed': {
      const run = await ports.runs.find(said.run);
      const step = run?.belongsTo === belongsTo ? run.steps.find(({ name }) => name === said.step) : undefined;
      if (!run || !step) throw new DomainError('not-found', `${belongsTo} has no step ${said.step} in run ${said.run}`);
      if (said.reason === 'step-held') return { reason: said.reason, step: step.name, why: step.held ?? 'it is held' };
      const { name, detail = 'for an unknown reason' } = step;
      return {
        reason: said.reason,
        run: run.workflowId,
        step: name,
        failure: said.reason === 'step-failed' ? `${name}: ${detail}` : detail,
      };
    }
    case 'not-ready':
    case 'failure-heard':
    case 'waiver-asked':
    case 'scheduled':
    case 'start-held':
    case 'seat-asked':
    case 'seat-reassigned':
    case 'seat-exhausted':
    case 'activity-failed':
    case 'incident-update-due':
    case 'undo-failed': {
      const { kind, id } = kindIn(ports.kinds, belongsTo);
      return kind.noticeOf(id, said);
    }
    case 'status-report-due':
    case 'still-paused':
    case 'incident-review-due':
    case 'incident-action-due':
    case 'incident-runbook-failed':
    case 'incident-hold-over':
    case 'incident-assigned':
    case 'incident-own-at-risk':
    case 'incident-own-breached':
    case 'incident-resolve-at-risk':
    case 'incident-resolve-breached':
    case 'problem-assigned':
    case 'problem-action-due':
    case 'problem-judged':
    case 'problem-risk-expiring':
    case 'problem-risk-expired':
    case 'problem-risk-refused':
      return said;
  }
}
