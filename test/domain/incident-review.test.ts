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

const empty = reviewToMarkdown({ incident: 12, version: 1, document: ReviewDocument.parse({}) }, 'Nobody can pay', []);

describe('a review as Markdown', () => {
  test('comes back as it was', () => {
    const written = { incident: 12, version: 3, document: whole };
    expect(reviewFromMarkdown(reviewToMarkdown(written, 'Nobody can pay', ['12:00 ana: acknowledged']))).toEqual(
      written,
    );
  });

  test('is read with what an editor makes of it', () => {
    const edited = empty
      .replaceAll('\n', '\r\n')
      .replace('## Contributing factors\r\n', '## Contributing factors\r\n\r\n* one\r\n  that goes on\r\n* two\r\n');

    expect(reviewFromMarkdown(edited).document.factors).toEqual(['one that goes on', 'two']);
  });

  test('may lack the timeline, which is not taken back', () => {
    expect(reviewFromMarkdown(empty.replace(/^## Timeline[^]*/m, '')).version).toBe(1);
  });

  test.each([
    ['## Timeline', '## Blame\n\nben', 'a review has no section "blame"'],
    ['## Timeline', '## Impact\n\nNone', 'the section "Impact" is there twice'],
    ['## Trigger', '### Trigger', 'the section "## Trigger" is missing'],
    ['## Contributing factors', '$&\n\n- Human error', 'factors.0: human error is no cause: what made it likely?'],
    ['## Actions', '$&\n\n- Fix it', 'actions.0.owner: is missing'],
    ['## Actions', '$&\n\n- Fix it | who: ben', 'in the action "Fix it", "who: ben" is not understood'],
    ['## Overview', 'We were lucky\n\n$&', '"We were lucky" stands in no section'],
    ['Owner: ', 'Owner: ana\nOwner: ben', '"Owner: ben" stands in no section'],
    ['Version: 1', '', 'the line "Version: <number>" is missing'],
    ['# Review of incident 12: Nobody can pay', '', 'the line "# Review of incident <number>" is missing'],
  ])('is refused with the place that is wrong: %j as %j', (from, to, message) => {
    expect(() => reviewFromMarkdown(empty.replace(from, to))).toThrow(message);
  });
});
