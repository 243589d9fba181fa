import { expect, test } from 'vitest';
import { checkReferences } from '../../domain/catalogue/references.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { Contact, dueOf } from '../../domain/contact.ts';

const at = (instant: string): number => Date.parse(instant);
const minutes = (count: number): number => count * 60_000;
const contact = (more: object) => Contact.parse({ channel: 'email', ...more });
const nightly = { quiet: { from: '22:00', until: '07:00', zone: 'Europe/Berlin' } };

test('a contact pages at once, or after a while', () => {
  expect(dueOf(contact({}), 'SEV-3', 0)).toEqual({ delayMs: 0 });
  expect(dueOf(contact({ after: '5m' }), 'SEV-3', 0)).toEqual({ delayMs: minutes(5) });
});

test('in quiet hours it waits for their end', () => {
  expect(dueOf(contact(nightly), 'SEV-3', at('2026-03-24T02:00:00Z'))).toEqual({
    delayMs: minutes(4 * 60),
    notBefore: '2026-03-24T06:00:00.000Z',
  });
  expect(dueOf(contact(nightly), 'SEV-3', at('2026-03-24T12:00:00Z'))).toEqual({ delayMs: 0 });
});

test('a contact that would be due in quiet hours waits as well', () => {
  const late = contact({ ...nightly, after: '30m' });

  expect(dueOf(late, 'SEV-3', at('2026-03-24T20:45:00Z'))).toMatchObject({ notBefore: '2026-03-25T06:00:00.000Z' });
});

test.each(['SEV-1', 'SEV-2'] as const)('%s pages in quiet hours too, unless they say otherwise', (severity) => {
  const always = contact({ quiet: { ...nightly.quiet, except: [] } });
  const night = at('2026-03-24T02:00:00Z');

  expect(dueOf(contact(nightly), severity, night)).toEqual({ delayMs: 0 });
  expect(dueOf(always, severity, night)).toHaveProperty('notBefore');
});

const faultsOf = (contacts: string, channels = ''): string[] => {
  const text = `apiVersion: evenkeel/v1
kind: Person
metadata: { name: ana }
spec: { name: Ana, email: ana@example.org, contacts: [${contacts}] }
${channels}`;
  const { documents, problems } = readDocuments([{ path: 'a.yaml', text }]);
  return [...problems, ...checkReferences(documents).problems].map(({ message }) => message);
};
const channel = (name: string, spec: string): string =>
  `---\napiVersion: evenkeel/v1\nkind: NotificationChannel\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const sms = channel('sms', "{ type: gateway, url: 'http://sms.example.org', body: '{{ text }}' }");

test('a contact names a channel that pages, with the address that it needs', () => {
  expect(faultsOf('{ channel: email }, { channel: sms, address: "+15551234567", after: 5m }', sms)).toEqual([]);
  expect(faultsOf('{ channel: sms }', sms)).toEqual(['sms is of type gateway, which needs an address']);
  expect(faultsOf('{ channel: post }')).toEqual(['there is no NotificationChannel post']);
  expect(faultsOf('{ channel: email, address: nowhere }')).toEqual(['expected a mail address']);
  expect(faultsOf('{ channel: shop }', channel('shop', '{ type: teams, url: flow }'))).toEqual([
    'shop is of type teams, which pages nobody (slack, pagerduty, gateway, webhook and email do)',
  ]);
});

test.each([
  ["{ type: gateway, url: 'http://x', body: '{{ tex }}' }", 'unknown variable tex (known: to, text, incident)'],
  ["{ type: gateway, url: 'http://x', body: '{% if text %}' }", 'tag {% if text %} not closed'],
  ["{ type: gateway, url: 'http://x', body: '{% include \"/etc/passwd\" %}' }", 'tag "include" not found'],
])('a gateway whose body cannot be filled in is refused: %s', (spec, why) => {
  expect(faultsOf('{ channel: email }', channel('sms', spec)).join()).toContain(why);
});
