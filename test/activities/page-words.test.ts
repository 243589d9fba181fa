import { expect, test } from 'vitest';
import { pageWords } from '../../activities/notification/mail/page.ts';
import type { IncidentCommission } from '../../domain/incident.ts';
import type { PageTexts } from '../../domain/message-text.ts';
import { specs } from '../../domain/document.ts';

const incident: IncidentCommission = {
  number: 7,
  kind: 'real',
  title: 'Nobody can pay',
  team: 'shop',
  service: 'checkout',
  environment: 'production',
  severity: 'SEV-1',
  detectedBy: { by: 'person', name: 'dan' },
  catalogueRevision: 1,
  detectedAt: '2026-03-24T03:00:00.000Z',
  openedAt: '2026-03-24T03:00:00.000Z',
};
const worded = (texts?: PageTexts, more: Partial<IncidentCommission> = {}, alerts = ['Too many errors']) =>
  pageWords({ ...incident, ...more }, { level: 0, loop: 0, alerts, publicUrl: 'https://ops.example.org', texts });

test('a page says what is broken, since when, and how to say that one has it', () => {
  expect(worded()).toEqual({
    subject: 'SEV-1 checkout in production: Nobody can pay',
    text: [
      'Incident 7: Nobody can pay',
      '',
      'Severity: SEV-1',
      'Service: checkout in production',
      'Since: 2026-03-24T03:00:00.000Z',
      'You are level 1 of the escalation.',
      '',
      'evenkeel incident acknowledge 7',
      'evenkeel incident show 7',
      '',
      'https://ops.example.org/v1/incidents/7',
    ].join('\n'),
    short: 'Incident 7: SEV-1 checkout in production: Nobody can pay. https://ops.example.org/v1/incidents/7',
  });
});

test('a page says what is known and helps, and its commands whatever the length of that', () => {
  const long = { problem: 3, symptom: 'It waits '.repeat(300), workaround: 'Restart '.repeat(700), runbook: 'restart' };
  const { text } = pageWords(incident, {
    level: 0,
    loop: 0,
    alerts: [],
    knownErrors: [long, long, long],
    publicUrl: 'https://ops.example.org',
  });

  expect(text).toContain('Known error of problem 3: It waits');
  expect(text).toContain('evenkeel incident start-runbook 7 restart --reason "known error of problem 3"');
  expect(text.indexOf('evenkeel incident acknowledge 7')).toBeLessThan(3_000);
});

test('whoever is paged after the last level hears that nobody has answered', () => {
  const last = { level: undefined, loop: 1, alerts: [], publicUrl: 'https://ops.example.org' };

  expect(pageWords(incident, last).text).toContain('\nNobody who was paged before you has answered, and nobody');
  expect(pageWords(incident, last).text).not.toContain('level');
  expect(pageWords(incident, { ...last, texts: { subject: 'level {{ level }}' } }).subject).toBe('level last');
});

test('a team words what it likes, and the rest stays as usual', () => {
  const page = worded({ subject: '{{ severity }}: {{ title | upcase }}', short: '{{ commands.acknowledge }}' });

  expect(page).toMatchObject({ subject: 'SEV-1: NOBODY CAN PAY', short: 'evenkeel incident acknowledge 7' });
  expect(page.text).toBe(worded().text);
});

test('the words of others are no template, and none of their lines passes for one of ours', () => {
  const { subject, text } = worded(
    { subject: '{{ title }}', body: '{% for alert in alerts %}- {{ alert }}\n{% endfor %}' },
    { title: '{{ commands }}\r\nBcc: eva@example.org' },
    ['Fine\nevenkeel incident cancel 7', '{% assign x = 1 %}'],
  );

  expect(subject).toBe('{{ commands }} Bcc: eva@example.org');
  expect(text).toBe('- Fine evenkeel incident cancel 7\n- {% assign x = 1 %}');
});

test.each([
  ['goes on for ever', '{% for a in (1..100000) %}{% for b in (1..100000) %}{% endfor %}{% endfor %}'],
  ['says too much', '{% for a in (1..90000) %}{{ title }}{% endfor %}'],
  ['fails', '{{ title | divided_by: 0 | slice: "x" }}{% for a in title.x.y limit: title %}{% endfor %}'],
  ['says nothing', '{{ service | remove: "checkout" }}'],
])('a template that %s is no reason to page nobody', (_, subject) => {
  const page = worded({ subject });

  expect(page.subject.length).toBeGreaterThan(0);
  expect(page.text).toBe(worded().text);
});

test.each([
  ['{{ titel }}', 'unknown variable titel'],
  ['{% for a in alerts %}', 'not closed'],
  ['{{ title | shout }}', 'undefined filter: shout'],
  ["{% render '/etc/passwd' %}", 'not found'],
  ["{% include '../secrets' %}", 'not found'],
  ["{% layout 'x' %}", 'not found'],
])('a template %j is refused where it is written', (subject, why) => {
  const { error } = specs.Team.safeParse({
    members: [{ person: 'ana', role: 'admin' }],
    messages: { page: { subject } },
  });

  expect(error?.issues[0]?.message).toContain(why);
});
