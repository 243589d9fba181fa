import { describe, expect, test } from 'vitest';
import { readFeed } from '../../activities/supplier/feed.ts';

const now = Date.parse('2026-03-02T12:00:00Z');
const statuspage = (...incidents: object[]) => JSON.stringify({ page: { id: 'p' }, incidents });
const incident = (more: object) => ({
  id: 'i1',
  name: 'Payments are slow',
  status: 'investigating',
  impact: 'major',
  created_at: '2026-03-02T11:30:00.000+01:00',
  shortlink: 'https://stspg.example/i1',
  ...more,
});
const rss = (...items: string[]) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>Acme</title>${items.map((item) => `<item>${item}</item>`).join('')}</channel></rss>`;
const item = (description: string, pubDate = 'Mon, 02 Mar 2026 11:00:00 +0000') =>
  `<title>Cards &amp; more fail</title><guid isPermaLink="true">https://a.example/1</guid><pubDate>${pubDate}</pubDate><description>${description}</description>`;

describe('a status feed', () => {
  test('of Statuspage tells of incidents with their impact', () => {
    expect(readFeed('statuspage', statuspage(incident({})), now)).toEqual([
      {
        key: 'i1',
        title: 'Payments are slow',
        impact: 'major',
        startedAt: '2026-03-02T10:30:00.000Z',
        endedAt: undefined,
        link: 'https://stspg.example/i1',
      },
    ]);
  });

  test.each<[string, object, string | undefined]>([
    [
      'that is resolved has ended',
      { status: 'resolved', resolved_at: '2026-03-02T11:00:00Z' },
      '2026-03-02T11:00:00.000Z',
    ],
    ['that began before it was written has its own time', { started_at: '2026-03-02T09:00:00Z' }, undefined],
  ])('an incident %s', (_, more, endedAt) => {
    expect(readFeed('statuspage', statuspage(incident(more)), now)[0]?.endedAt).toBe(endedAt);
  });

  test('what has no impact, and a link that is none, are left out', () => {
    expect(readFeed('statuspage', statuspage(incident({ impact: 'none' })), now)).toEqual([]);
    expect(readFeed('statuspage', statuspage(incident({ shortlink: 'javascript:x' })), now)[0]?.link).toBeUndefined();
  });

  test('of RSS goes by the word that comes first', () => {
    const going = readFeed('rss', rss(item('&lt;strong&gt;Investigating&lt;/strong&gt; - we look')), now);
    const over = readFeed(
      'rss',
      rss(item('&lt;strong&gt;Resolved&lt;/strong&gt; - was &lt;strong&gt;Investigating&lt;/strong&gt;')),
      now,
    );

    expect(going).toEqual([
      expect.objectContaining({ key: 'https://a.example/1', title: 'Cards & more fail', endedAt: undefined }),
    ]);
    expect(over[0]?.endedAt).toBe('2026-03-02T11:00:00.000Z');
    expect(readFeed('rss', rss(item('we look', 'Sat, 28 Feb 2026 11:00:00 +0000')), now)[0]?.endedAt).toBeDefined();
    expect(readFeed('rss', rss(item('Scheduled - new racks')), now)).toEqual([]);
    expect(readFeed('rss', rss(), now)).toEqual([]);
  });

  test.each([
    ['statuspage', '<html>'],
    ['statuspage', '{"incidents":[{"id":"x"}]}'],
    ['rss', '<html><body>hello</body></html>'],
    ['rss', 'nothing'],
    ['rss', rss('<title>t</title><pubDate>soon</pubDate>')],
  ] as const)('of %s that is none is refused', (format, body) => {
    expect(() => readFeed(format, body, now)).toThrow(Error);
  });
});
