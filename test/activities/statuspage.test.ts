import { describe, expect, onTestFinished, test } from 'vitest';
import { createStatuspageChannel } from '../../activities/channels/statuspage.ts';
import { createEgress } from '../../activities/egress.ts';
import { specs } from '../../domain/document.ts';
import type { Message } from '../../domain/message.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { startStatuspage } from '../support/statuspage.ts';
import { secretsOf } from './world.ts';

type Mirrored = Extract<Message, { kind: 'statuspage' }>;

const message = (more: Partial<Mirrored> = {}): Mirrored => ({
  kind: 'statuspage',
  channel: 'page',
  to: 'ours-1',
  rev: 3,
  status: 'investigating',
  neutralName: 'Disruption of Paying',
  update: { id: 'u1', text: 'We look into it' },
  component: { id: 'paying', state: 'partial-outage' },
  ...more,
});

const start = async (more: object = {}, secrets: Record<string, string> = { key: 'k1' }) => {
  const page = await startStatuspage({ token: 'k1', page: 'p1' });
  onTestFinished(page.stop);
  const spec = { type: 'statuspage', page: 'p1', token: 'key', api: page.url, ...more };
  const send = createStatuspageChannel({
    egress: createEgress([page.address]),
    secrets: secretsOf(secrets),
    catalogue: createMemoryCatalogue([
      { kind: 'NotificationChannel', name: 'page', labels: {}, spec: specs.NotificationChannel.parse(spec) },
    ]),
  });
  const sending = { key: 'k', createdAt: '2026-03-24T09:00:00.000Z', idOf: (key: string) => key };
  return {
    ...page,
    send: (given: Mirrored, first?: string) => send(given, { ...sending, firstId: async () => first }),
  };
};

describe('Statuspage', () => {
  test('gets no title that is cut inside a character', async () => {
    const { send, incidents } = await start();
    await send(message({ name: `${'x'.repeat(254)}😀` }));

    expect(incidents).toMatchObject([{ name: `${'x'.repeat(254)}\uFFFD` }]);
  });

  test('gets an incident with its first update, and what follows as updates of the same', async () => {
    const { send, incidents, requests } = await start();

    const first = await send(message());
    await send(
      message({ rev: 5, status: 'identified', name: 'Cards', update: { id: 'u2', text: 'Got it' } }),
      'there1',
    );
    await send(message({ rev: 6, status: 'resolved', update: undefined }), 'there1');

    expect(first).toEqual({ sent: true, detail: 'there1' });
    expect(incidents).toMatchObject([
      {
        name: 'Cards',
        status: 'resolved',
        impact_override: 'major',
        components: { paying: 'partial_outage' },
        metadata: { evenkeel: { incident: 'ours-1', rev: 6, updates: ['u1', 'u2'] } },
        incident_updates: [
          { status: 'resolved', body: null },
          { status: 'identified', body: 'Got it' },
          { status: 'investigating', body: 'We look into it' },
        ],
      },
    ]);
    expect(requests).toEqual(['GET ', 'POST ', 'GET /there1', 'PATCH /there1', 'GET /there1', 'PATCH /there1']);
  });

  test('has it once, where the POST was taken and its answer was lost', async () => {
    const { send, incidents, trouble } = await start();
    trouble('lost');

    expect(await send(message())).toMatchObject({ sent: false, fault: 'passing' });
    expect(await send(message())).toEqual({ sent: true, detail: 'there1' });
    expect(await send(message())).toEqual({ sent: true, detail: 'there1' });

    expect(incidents.map((incident) => incident.incident_updates.length)).toEqual([1]);
  });

  test('has an update once, where the answer to its PATCH was lost', async () => {
    const { send, incidents, trouble } = await start();
    await send(message());
    trouble('lost');
    const update = message({ rev: 5, update: { id: 'u2', text: 'More' } });

    expect(await send(update, 'there1')).toMatchObject({ sent: false, fault: 'passing' });
    expect(await send(update, 'there1')).toEqual({ sent: true, detail: 'there1' });

    expect(incidents[0]?.incident_updates.map(({ body }) => body)).toEqual(['More', 'We look into it']);
  });

  test('keeps the newer state when an older update comes late, and loses no text', async () => {
    const { send, incidents } = await start();
    await send(message({ rev: 7, status: 'resolved', name: 'Cards', update: { id: 'u2', text: 'Over' } }));
    await send(message({ rev: 3, name: 'Older', component: { id: 'paying', state: 'major-outage' } }));
    await send(message({ rev: 6, status: 'monitoring', update: undefined }));

    expect(incidents).toMatchObject([
      {
        name: 'Cards',
        status: 'resolved',
        components: { paying: 'partial_outage' },
        incident_updates: [{ body: 'We look into it' }, { body: 'Over' }],
      },
    ]);
  });

  test('finds it among others, and takes none of theirs for ours', async () => {
    const { send, incidents } = await start();
    for (let number = 1; number <= 8; number += 1)
      await send(message({ to: `ours-${number}`, update: { id: `u${number}`, text: 'x' } }));
    incidents.unshift({ id: 'byhand', name: 'By hand', status: 'investigating', metadata: {}, incident_updates: [] });

    await send(message({ rev: 4, status: 'monitoring', update: { id: 'later', text: 'Soon' } }));

    expect(incidents).toHaveLength(9);
    expect(incidents.at(-1)).toMatchObject({ status: 'monitoring', incident_updates: [{ body: 'Soon' }, {}] });
  });

  test('is told of no state before anything is published, and gets no incident of which nothing is', async () => {
    const { send, incidents } = await start();

    expect(await send(message({ update: undefined }))).toMatchObject({ fault: 'passing', retryAfterMs: 30_000 });
    expect(incidents).toEqual([]);
  });

  test('tells its subscribers only if the channel says so, and keeps to its limits', async () => {
    const [quiet, loud] = [await start(), await start({ notify: true })];
    const long = message({ name: 'n'.repeat(300), update: { id: 'u1', text: 't'.repeat(30_000) } });
    await quiet.send(long);
    await loud.send(long);
    await loud.send(message({ rev: 9, status: 'resolved', update: undefined }));

    const notified = ({ incidents }: typeof loud) =>
      incidents[0]?.incident_updates.map((update) => update.deliver_notifications);
    expect(notified(quiet)).toEqual([false]);
    expect(notified(loud)).toEqual([false, true]);
    expect(quiet.incidents[0]?.name).toHaveLength(255);
    expect(quiet.incidents[0]?.incident_updates[0]?.body).toHaveLength(25_000);
  });

  test.each([
    [{ status: 420 }, { fault: 'passing', retryAfterMs: 30_000 }],
    [
      { status: 429, headers: { 'retry-after': '90' } },
      { fault: 'passing', retryAfterMs: 90_000 },
    ],
    [{ status: 500 }, { fault: 'passing' }],
    [{ status: 403 }, { fault: 'installation', concerns: 'channel' }],
  ])('that does not take it is asked again as it says: %j', async (answer, expected) => {
    const { send, trouble, incidents } = await start();
    trouble(answer);

    expect(await send(message())).toMatchObject({ sent: false, ...expected });
    expect(await send(message())).toMatchObject({ sent: true });
    expect(incidents).toHaveLength(1);
  });

  test('where somebody has deleted it, it stays deleted', async () => {
    const { send, incidents } = await start();

    expect(await send(message(), 'gone')).toMatchObject({ sent: false, fault: 'receiver' });
    expect(incidents).toEqual([]);
  });

  test('waits for its key', async () => {
    expect(await (await start({}, {})).send(message())).toMatchObject({ fault: 'installation', concerns: 'channel' });
    expect(await (await start({}, { key: 'old' })).send(message())).toMatchObject({ fault: 'installation' });
  });
});
