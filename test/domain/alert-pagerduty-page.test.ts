import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPagerDutyPage } from '../../domain/alert/pagerduty-page.ts';
import { anyValue, bodyOf, withMark } from './alert-body.ts';

const event = {
  id: '01DEN5HPBQAAAG05V5QQYBRZMF',
  event_type: 'incident.acknowledged',
  resource_type: 'incident',
  occurred_at: '2026-11-28T09:20:00.000Z',
  agent: {
    id: 'PLH1HKV',
    type: 'user_reference',
    summary: 'Ann',
    html_url: 'https://acme.pagerduty.example/users/PLH1HKV',
  },
  client: null,
  data: {
    id: 'PGR0VU2',
    type: 'incident',
    number: 2,
    status: 'acknowledged',
    incident_key: 'incident/7',
    priority: null,
  },
};
const read = (changed: object) => readPagerDutyPage(bodyOf({ event: { ...event, ...changed } }));

describe('PagerDuty tells of a page', () => {
  test('who has it', () => {
    expect(read({})).toEqual({
      eventId: '01DEN5HPBQAAAG05V5QQYBRZMF',
      type: 'acknowledged',
      incidentKey: 'incident/7',
      agent: { id: 'PLH1HKV', type: 'user_reference', name: 'Ann' },
    });
  });

  test.each(['acknowledged', 'unacknowledged', 'reopened', 'resolved'])('that it is %s', (type) => {
    expect(read({ event_type: `incident.${type}` }).type).toBe(type);
  });

  test.each(['incident.triggered', 'incident.escalated', 'pagey.ping', 'constructor', 'incident.'])(
    'something else: %s',
    (event_type) => {
      expect(read({ event_type }).type).toBe('other');
    },
  );

  test('by what the data is, not by what the event is called', () => {
    const data = { type: 'incident_note', id: 'P1', incident: { id: 'PGR0VU2' }, incident_key: 'incident/7' };

    expect(read({ data })).toMatchObject({ type: 'other', incidentKey: undefined });
  });

  test.each([[null], [undefined], ['PLH1HKV'], [{ id: 7 }]])('and by whom only where it says so: %j', (agent) => {
    expect(read({ agent })).toMatchObject({ type: 'acknowledged', agent: undefined });
  });

  test.each([[null], [''], [7], [undefined]])('that was not sent with a key: %j', (incident_key) => {
    expect(read({ data: { ...event.data, incident_key } })).toMatchObject({
      type: 'acknowledged',
      incidentKey: undefined,
    });
  });

  test('the same with a byte order mark', () => {
    expect(readPagerDutyPage(withMark(bodyOf({ event })))).toEqual(read({}));
  });
});

test.each([[null], [[]], [{}], [{ event: {} }]])('%j is no webhook of PagerDuty', (body) => {
  expect(() => readPagerDutyPage(bodyOf(body))).toThrow(/event|expected object/);
});

test('an authentic event is refused for nothing that it tells', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), anyValue, anyValue, (event_type, agent, data) => {
      expect(read({ event_type, agent, data }).eventId).toBe(event.id);
    }),
  );
});
