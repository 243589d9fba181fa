import { describe, expect, test } from 'vitest';
import { lifecycleOf, type TransitionPlan } from '../../domain/service/lifecycle.ts';

const transition = (more: Partial<TransitionPlan>): TransitionPlan => ({
  plan: 'p',
  kind: 'go-live',
  status: 'draft',
  isInHypercare: false,
  openedAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  closedAt: null,
  ...more,
});
const startedAt = '2026-01-02T00:00:00.000Z';
const closedAt = '2026-01-20T00:00:00.000Z';
const live = transition({ status: 'completed', startedAt, closedAt });

describe('a service', () => {
  test.each<[string, TransitionPlan[], object]>([
    ['is where the catalogue says while no plan moves it', [], { stage: 'proposed' }],
    ['is in transition once its go-live is planned', [transition({})], { stage: 'in-transition', plan: 'p' }],
    [
      'is in hypercare while that goes on',
      [transition({ status: 'running', isInHypercare: true, startedAt })],
      { stage: 'hypercare', since: startedAt },
    ],
    ['is live when its go-live is completed', [live], { stage: 'live', since: closedAt }],
    ['stays where it was when a go-live comes to nothing', [transition({ status: 'rejected' })], { stage: 'proposed' }],
    [
      'is live still when a hand-over is undone',
      [live, transition({ kind: 'hand-over', status: 'undone' })],
      { stage: 'live' },
    ],
    ['is in transition while it is handed over', [live, transition({ kind: 'hand-over' })], { stage: 'in-transition' }],
    ['serves until its retirement begins', [live, transition({ kind: 'retirement' })], { stage: 'live' }],
    [
      'is retiring from then on',
      [live, transition({ kind: 'retirement', status: 'running', startedAt })],
      { stage: 'retiring', since: startedAt },
    ],
  ])('%s', (_, transitions, expected) => {
    expect(lifecycleOf('proposed', transitions)).toMatchObject(expected);
  });
});
