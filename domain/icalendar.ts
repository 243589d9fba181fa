/** One event of a calendar. Times in milliseconds. */
export interface CalendarEvent {
  /** Stays the same for as long as it is the same event. */
  uid: string;
  /** Grows when it changes. */
  sequence: number;
  /** When it changed last. */
  stamp: number;
  from: number;
  until: number;
  summary: string;
  description?: string;
}

/** A published calendar by RFC 5545: lines end in CRLF and have 75 octets at most. */
export const calendarText = (name: string, events: readonly CalendarEvent[]): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Evenkeel//On call//EN',
    'METHOD:PUBLISH',
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    `X-WR-CALNAME:${escaped(name)}`,
    ...events.flatMap(eventLines),
    'END:VCALENDAR',
  ]
    .map((line) => `${folded(line)}\r\n`)
    .join('');

const eventLines = ({ uid, sequence, stamp, from, until, summary, description }: CalendarEvent): string[] => [
  'BEGIN:VEVENT',
  `UID:${uid}`,
  `DTSTAMP:${instant(stamp)}`,
  `DTSTART:${instant(from)}`,
  `DTEND:${instant(until)}`,
  `SEQUENCE:${sequence}`,
  `SUMMARY:${escaped(summary)}`,
  ...(description === undefined ? [] : [`DESCRIPTION:${escaped(description)}`]),
  'END:VEVENT',
];

/** In UTC, to the second. */
const instant = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

/** As a value of type TEXT; what no calendar may contain is left out. */
const escaped = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll(/[\\;,]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`);

const mostOctets = 75;

/** Continued on further lines, each with a space before it; no character is torn apart. */
const folded = (line: string): string => {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const length = Buffer.byteLength(character);
    if (octets + length > mostOctets) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += length;
  }
  return text;
};
