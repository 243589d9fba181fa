import { expect, test } from 'vitest';
import { Evidence } from '../../domain/evidence.ts';
import { NotificationChannelSpec } from '../../domain/notification.ts';
import { Step } from '../../domain/runbook.ts';

const noPassword = /send a header with a secret instead/;

test('a URL with a password is refused where it is written: a document is read by many', () => {
  const url = 'https://ops:s3cret@example.org/path';

  expect(() => Step.parse({ name: 'ship', kind: 'http', url })).toThrow(noPassword);
  expect(() => Step.parse({ name: 'ship', kind: 'http', url: 'http://u@{{service}}.example' })).toThrow(noPassword);
  expect(() => Evidence.parse({ kind: 'http', url })).toThrow(noPassword);
  expect(() => Evidence.parse({ kind: 'prometheus', url, query: 'up', operator: '==', value: 1 })).toThrow(noPassword);
  expect(() => NotificationChannelSpec.parse({ type: 'webhook', url, secret: 'events' })).toThrow(noPassword);
});

test('an address behind the host is none', () => {
  expect(Step.parse({ name: 'ship', kind: 'http', url: 'https://example.org/a@b?to=c@d' })).toMatchObject({
    url: 'https://example.org/a@b?to=c@d',
  });
});

test('a header has a name that may be sent', () => {
  const step = (name: string) => Step.parse({ name: 'ship', kind: 'http', url: 'https://x', headers: { [name]: 'v' } });

  expect(step('X-Scope-OrgID')).toMatchObject({ headers: { 'X-Scope-OrgID': 'v' } });
  expect(() => step('a b')).toThrow('expected the name of a header');
  expect(() => step('naïve')).toThrow('expected the name of a header');
});
