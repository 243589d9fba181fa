/** Text of somebody else's making, short enough and such that PostgreSQL can keep it. */
export const keepable = (text: string, most: number): string => {
  // Nearly every text is kept as it is.
  if (text.length <= most && text.isWellFormed() && !text.includes('\0')) return text;
  return text.slice(0, most).toWellFormed().replaceAll('\0', '\uFFFD');
};

const leftOut = (count: number): string => `\n[… ${count.toLocaleString('en')} characters are left out here …]\n`;
const roomForMark = leftOut(Number.MAX_SAFE_INTEGER).length;

/** What is kept of a text that comes piece by piece and may be of any length. */
export interface Extract {
  add(piece: string): void;
  /** The text, or its beginning and its end with a mark between them that says how much is left out. */
  text(): string;
}

/** Keeps at most `most` characters: a third for how it began, the rest for how it ended, where reasons stand. */
export function extract(most: number): Extract {
  const mostHead = Math.floor((most - roomForMark) / 3);
  const mostTail = most - roomForMark - mostHead;
  let head = '';
  let tail = '';
  let length = 0;
  return {
    add(piece) {
      length += piece.length;
      const toHead = piece.slice(0, mostHead - head.length);
      head += toHead;
      const rest = piece.slice(toHead.length);
      // Twice the room, so that many small pieces do not copy the end each time.
      tail += rest.slice(-mostTail);
      if (tail.length > 2 * mostTail) tail = tail.slice(-mostTail);
    },
    text() {
      const kept = tail.slice(-mostTail);
      const cut = length - head.length - kept.length;
      return cut === 0 ? head + kept : head + leftOut(cut) + kept;
    },
  };
}

/** The same of a text that is there. */
export const extractOf = (text: string, most: number): string => {
  const kept = extract(most);
  kept.add(text);
  return kept.text();
};

/** What colours a terminal or moves its cursor. */
const escapes = new RegExp(`${String.fromCodePoint(27)}(?:\\[[\\d;?]*[ -/]*[@-~]|[@-Z\\\\-_])`, 'g');

/** The last lines of a text, for a message: enough to see a reason. Empty when there is nothing to see. */
export function endOf(text: string, { lines: mostLines = 20, characters = 2_000 } = {}): string {
  const whole = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(escapes, '')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .trimEnd();
  const lines = whole.split('\n').slice(-mostLines).join('\n').slice(-characters);
  return lines.length < whole.length ? `[…]\n${lines}` : lines;
}
