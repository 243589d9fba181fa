import { describe, expect, test } from 'vitest';
import { atomOf } from '../../domain/atom.ts';
import { type PublishedIncident, statusFeedOf } from '../../domain/status-feed.ts';
import { StatusFeed, StatusPageSpec } from '../../domain/status-page.ts';

const page = StatusPageSpec.parse({
  team: 'shop',
  title: 'Shop & Co',
  components: [
    { service: 'checkout', name: 'Paying' },
    { service: 'catalog', name: 'Searching', description: 'Finding things to buy' },
  ],
});
const since = '2026-11-01T00:00:00.000Z';
const at = (minute: number) => `2026-11-28T17:${String(minute).padStart(2, '0')}:00.000Z`;
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const published = (more: Partial<PublishedIncident> = {}): PublishedIncident => ({
  service: 'checkout',
  status: 'investigating',
  severity: 'SEV-2',
  restoredAt: null,
  endedAt: null,
  title: null,
  updates: [{ id: id(1), at: at(10), status: 'investigating', text: 'We look into it' }],
  ...more,
});
const feed = (...incidents: Partial<PublishedIncident>[]) => statusFeedOf(page, incidents.map(published), since);

describe('a status page', () => {
  test('of which nothing was published is operational, since it was applied', () => {
    expect(feed()).toEqual({
      title: 'Shop & Co',
      state: 'operational',
      updatedAt: since,
      components: [
        { name: 'Paying', state: 'operational' },
        { name: 'Searching', description: 'Finding things to buy', state: 'operational' },
      ],
      incidents: [],
    });
  });

  test('has no name of a service, and a neutral title where nobody gave one', () => {
    const shown = feed({});

    expect(StatusFeed.parse(shown).incidents).toMatchObject([
      { id: id(1), title: 'Disruption of Paying', component: 'Paying', status: 'investigating' },
    ]);
    expect(JSON.stringify(shown)).not.toContain('checkout');
    expect(feed({ title: 'Cards are refused' }).incidents[0]?.title).toBe('Cards are refused');
  });

  test.each([
    ['SEV-1', 'triaged', 'major-outage'],
    ['SEV-2', 'mitigating', 'partial-outage'],
    ['SEV-3', 'on-hold', 'degraded-performance'],
    ['SEV-1', 'monitoring', 'operational'],
    ['SEV-1', 'cancelled', 'operational'],
  ] as const)('shows the component of a %s that is %s as %s', (severity, status, state) => {
    const shown = feed({ severity, status });
    expect(shown.components.map((component) => component.state)).toEqual([state, 'operational']);
    expect(shown.state).toBe(state);
  });

  test('has the worst of several, and what was published last first', () => {
    const other = published({ severity: 'SEV-4', updates: [{ ...published().updates[0]!, id: id(2), at: at(20) }] });
    const shown = feed({}, other);
    expect(shown.state).toBe('partial-outage');
    expect(shown.incidents.map((incident) => incident.id)).toEqual([id(2), id(1)]);
  });

  test('moves an incident on when it is restored and resolved, whether anybody says so or not', () => {
    const [restored] = feed({ status: 'monitoring', restoredAt: at(40) }).incidents;
    const [over] = feed({ status: 'closed', restoredAt: at(40), endedAt: at(50) }).incidents;
    const [again] = feed({ status: 'investigating', restoredAt: at(40), endedAt: at(50) }).incidents;

    expect([restored?.status, restored?.updatedAt]).toEqual(['monitoring', at(40)]);
    expect([over?.status, over?.updatedAt]).toEqual(['resolved', at(50)]);
    expect([again?.status, again?.updatedAt]).toEqual(['investigating', at(10)]);
  });
});

describe('the Atom feed', () => {
  const url = 'https://status.example.org/status/shop.atom';
  const text = '<script>alert("1 & 2")</script>\u0000\u0008\nand more';
  const atom = atomOf(feed({ title: 'a <b> & "c"', updates: [{ ...published().updates[0]!, text }] }), url);

  test('has what RFC 4287 asks for', () => {
    expect(atom).toContain(`<feed xmlns="http://www.w3.org/2005/Atom">\n<id>${url}</id>`);
    expect(atom).toContain('<author><name>Shop &amp; Co</name></author>');
    expect(atom).toContain(`<link rel="self" type="application/atom+xml" href="${url}"/>`);
    expect(atom).toContain(`<entry>\n<id>urn:uuid:${id(1)}</id>`);
    expect(atom.match(/<updated>2026-11-28T17:10:00.000Z<\/updated>/g)).toHaveLength(2);
  });

  test('escapes what people wrote, once for XML and once more for HTML', () => {
    expect(atom).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot; (Paying): investigating</title>');
    expect(atom).toContain(
      '&amp;lt;script&amp;gt;alert(&amp;quot;1 &amp;amp; 2&amp;quot;)&amp;lt;/script&amp;gt;&lt;br/&gt;and more',
    );
    for (const raw of ['<script', '\u0000', '\u0008']) expect(atom).not.toContain(raw);
  });
});
