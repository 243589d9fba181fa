import { expect, test } from 'vitest';
import type { Sent } from '../../activities/channels/channel.ts';
import { incidentReference } from '../../domain/identifiers.ts';
import type { PageFacts } from '../../domain/page.ts';
import type { Message } from '../../domain/message.ts';
import type { Admission, OutboxRow } from '../../storage/outbox.ts';
import { createPageSender, isPageRow } from '../../workers/page-sender.ts';

const seconds = (count: number): number => count * 1_000;
const began = Date.parse('2026-03-24T03:00:00.000Z');

const page = (more: Partial<PageFacts> = {}): PageFacts => ({
  incident: 7,
  rev: 1,
  at: new Date(began).toISOString(),
  severity: 'SEV-1',
  person: 'ana',
  turn: 'incident/7/page/0/0/ana/0',
  place: 0,
  contact: 'ana email ana@example.org',
  ...more,
});
const mail = (subject = 'Nobody can pay', facts: Partial<PageFacts> = {}): Message => ({
  kind: 'email',
  to: 'ana@example.org',
  subject,
  text: `${subject}, and how to acknowledge it`,
  page: page(facts),
});
const row = (message: Message, more: Partial<OutboxRow> = {}): OutboxRow => ({
  key: `page of ${message.page?.incident}`,
  belongsTo: incidentReference(7),
  message,
  fence: 1,
  attempts: 0,
  createdAt: new Date(began).toISOString(),
  mayBeRepeat: false,
  isAdmitted: false,
  ...more,
});

const refused: Sent = { sent: false, fault: 'passing', detail: 'status 500' };

/** One page on a clock of its own, and what becomes of it. */
const pager = (
  answer: () => Sent,
  { needed = () => true, admission }: { needed?: (incident: number) => boolean; admission?: Admission } = {},
) => {
  let now = began;
  let since: string | undefined;
  let due: number | undefined = began;
  let inDoubt = false;
  const said: string[] = [];
  const tries: number[] = [];
  const hastened: [number, number][] = [];
  const ended: string[] = [];
  const send = createPageSender(
    {
      async admit() {
        since ??= new Date(now).toISOString();
        return admission ?? { admitted: true, since, others: [] };
      },
      async finish(_key, _fence, { ok }) {
        due = undefined;
        ended.push(ok ? 'sent' : 'failed');
        return true;
      },
      async drop(keys) {
        if (keys.includes('page of 7')) due = undefined;
        ended.push(...keys.map((key) => `dropped ${key}`));
      },
      async hasten(_turn, place, delayMs) {
        hastened.push([place, now + delayMs - began]);
      },
      async putBack(_key, _fence, { delayMs, isInDoubt = false }) {
        due = now + delayMs;
        inDoubt ||= isInDoubt;
      },
    },
    async (_row, message = _row.message) => {
      tries.push(now - began);
      said.push(message.kind === 'email' ? message.subject : message.kind);
      return answer();
    },
    async ({ incident }) => needed(incident),
    () => now,
  );
  const pass = async (ms: number): Promise<void> => {
    const until = now + ms;
    while (due !== undefined && due <= until) {
      now = due;
      const claimed = row(mail(), {
        attempts: tries.length + 1,
        mayBeRepeat: inDoubt,
        isAdmitted: since !== undefined,
      });
      if (isPageRow(claimed)) await send(claimed);
    }
    now = until;
  };
  return { pass, said, tries, hastened, ended };
};

test('a page that does not get through is tried after 1, 5, 15 and 30 seconds, and then once a minute', async () => {
  const { pass, tries } = pager(() => refused);

  await pass(seconds(180));

  expect(tries).toEqual([0, 1, 6, 21, 51, 111, 171].map(seconds));
});

test('a page is tried for as long as the incident needs it, and dropped when somebody has it', async () => {
  let isOpen = true;
  const { pass, tries, ended } = pager(() => refused, { needed: () => isOpen });
  await pass(seconds(2 * 3_600));
  expect(tries.length).toBeGreaterThan(60);
  expect(ended).toEqual([]);

  isOpen = false;
  await pass(seconds(600));

  expect(ended).toEqual(['dropped page of 7']);
});

test('a receiver that asks for time gets five minutes at most', async () => {
  const { pass, tries } = pager(() => ({ ...refused, retryAfterMs: seconds(3_600) }));

  await pass(seconds(301));

  expect(tries).toEqual([0, 300].map(seconds));
});

test('when a minute has passed in vain, the next contact of the person is paged as well', async () => {
  const { pass, hastened } = pager(() => refused);
  await pass(seconds(20));
  expect(hastened).toEqual([]);

  await pass(seconds(40));

  expect(hastened).toEqual([[1, seconds(60)]]);
});

test('pages that go out together bring the next contact of each forward', async () => {
  const others = [row(mail('Incident 8', { incident: 8, turn: 'incident/8/page/0/0/ana/0', place: 1 }))];
  const { pass, hastened } = pager(() => ({ sent: false, fault: 'receiver', detail: 'user unknown' }), {
    admission: { admitted: true, since: new Date(began).toISOString(), others },
  });

  await pass(0);

  expect(hastened.map(([place]) => place)).toEqual([1, 2]);
});

test('where a receiver will never take it, the next contact is paged at once', async () => {
  const { pass, hastened } = pager(() => ({ sent: false, fault: 'receiver', detail: 'user unknown' }));

  await pass(0);

  expect(hastened[0]).toEqual([1, 0]);
});

test('a page whose fate nobody knows is sent again, and says that it may be a repeat', async () => {
  let isCut = true;
  const { pass, said, ended } = pager(() =>
    isCut ? { ...refused, detail: 'ECONNRESET', isInDoubt: true } : { sent: true, detail: 'sent' },
  );
  await pass(0);
  isCut = false;

  await pass(seconds(2));

  expect(said).toEqual(['Nobody can pay', '(possible repeat) Nobody can pay']);
  expect(ended).toEqual(['sent']);
});

test('pages that were held back go out as one message, which leaves out what nobody needs any more', async () => {
  const others = [8, 9].map((incident) => row(mail(`Incident ${incident}`, { incident, severity: 'SEV-3' })));
  const { pass, said, ended } = pager(() => ({ sent: true, detail: 'sent' }), {
    needed: (incident) => incident !== 9,
    admission: { admitted: true, since: new Date(began).toISOString(), others },
  });

  await pass(0);

  expect(said).toEqual(['2 incidents page you, the worst SEV-1']);
  expect(ended).toEqual(['dropped page of 9', 'sent']);
});
