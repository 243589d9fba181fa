import { describe, expect, test } from 'vitest';
import { reviewFromMarkdown, reviewToMarkdown } from '../../domain/incident/review-markdown.ts';
import { ReviewDocument } from '../../domain/incident/review.ts';

const whole = ReviewDocument.parse({
  owner: 'ana',
  overview: 'Nobody could pay for an hour.',
  happened: 'A release held its connections.\n\nThey ran out.',
  impact: 'Every second order',
  factors: ['The pool has no limit', 'No alert for it'],
  wentWell: ['The rollback took a minute'],
  actions: [
    {
      text: 'Limit the pool',
      owner: 'ben',
      dueOn: '2026-12-15',
      kind: 'prevent',
      priority: 'P1',
      effect: 'Connections stay below 80 %',
      reference: 'OPS-12',
    },
  ],
});

describe('a review as Markdown', () => {
  test('comes back as it was', () => {
    expect(reviewFromMarkdown(reviewToMarkdown('Review of incident 12', whole, ['12:00 ana: acknowledged']))).toEqual(
      whole,
    );
  });

  test('is read with what an editor makes of it', () => {
    const edited = reviewToMarkdown('Review', ReviewDocument.parse({}), [])
      .replaceAll('\n', '\r\n')
      .replace('## Contributing factors\r\n', '## Contributing factors\r\n\r\n* one\r\n  that goes on\r\n* two\r\n');

    expect(reviewFromMarkdown(edited).factors).toEqual(['one that goes on', 'two']);
  });

  test.each([
    ['## Blame\n\nben', 'a review has no section "blame"'],
    ['## Contributing factors\n\n- Human error', 'factors.0: human error is no cause: what made it likely?'],
    ['## Actions\n\n- Fix it', 'actions.0.owner: is missing'],
    ['## Actions\n\n- Fix it | who: ben', 'in the action "Fix it", "who: ben" is not understood'],
  ])('is refused with the place that is wrong: %j', (markdown, message) => {
    expect(() => reviewFromMarkdown(`# Review\n\n${markdown}\n`)).toThrow(message);
  });
});
