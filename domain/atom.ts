import type { PublicIncident, StatusFeed } from './status-page.ts';

/** A status page as a feed by RFC 4287: an entry for each incident, which changes with it. `url` is where the feed is. */
export const atomOf = ({ title, updatedAt, incidents }: StatusFeed, url: string): string =>
  [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${escaped(url)}</id>`,
    `<title>${escaped(title)}</title>`,
    `<updated>${updatedAt}</updated>`,
    `<author><name>${escaped(title)}</name></author>`,
    `<link rel="self" type="application/atom+xml" href="${escaped(url)}"/>`,
    ...incidents.flatMap(entryOf),
    '</feed>',
    '',
  ].join('\n');

const entryOf = ({ id, title, status, component, publishedAt, updatedAt, updates }: PublicIncident): string[] => {
  const said = updates.map(
    (update) => `<p><strong>${update.status}</strong>, ${update.at}<br/>${broken(escaped(update.text))}</p>`,
  );
  return [
    '<entry>',
    `<id>urn:uuid:${id}</id>`,
    `<title>${escaped(`${title} (${component}): ${status}`)}</title>`,
    `<published>${publishedAt}</published>`,
    `<updated>${updatedAt}</updated>`,
    `<category term="${status}"/>`,
    // HTML inside XML: what people wrote is escaped for both.
    `<content type="html">${escaped(said.join(''))}</content>`,
    '</entry>',
  ];
};

const broken = (text: string): string => text.replaceAll('\n', '<br/>');

/** Characters that XML has no way to write are left out. */
const escaped = (text: string): string =>
  text
    .replaceAll(unwritable, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
