/** Charts as SVG: text in, text out, so that the same data always draws the same. Colours are told apart by the colour-blind as well. */

const ink = '#1f2933';
const muted = '#7b8794';
const main = '#0b7285';
const band = '#c5dde1';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const at = (value: number): string => String(Number(value.toFixed(1)));

const svg = (width: number, height: number, title: string, body: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    ...body,
    '</svg>',
  ].join('\n');

const text = (x: number, y: number, said: string, anchor: 'start' | 'middle' | 'end' = 'start', fill = muted): string =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="${fill}">${escaped(said)}</text>`;

const [width, height] = [640, 200];
const [left, right, top, bottom] = [36, 10, 12, 24];
const inner = { width: width - left - right, height: height - top - bottom };

/** Bars of counts over time. The band is what chance alone would give around their mean (95 % of a Poisson distribution, as normal). */
export const trendChart = (points: readonly { from: string; count: number }[]): string => {
  const title = 'Incidents over time';
  const counts = points.map(({ count }) => count);
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  const spread = 1.96 * Math.sqrt(mean);
  const most = Math.max(1, mean + spread, ...counts);
  const y = (value: number): number => top + inner.height * (1 - value / most);
  const step = inner.width / Math.max(1, points.length);
  const lowest = Math.max(0, mean - spread);
  return svg(width, height, title, [
    `<rect x="${left}" y="${at(y(mean + spread))}" width="${inner.width}" height="${at(y(lowest) - y(mean + spread))}" fill="${band}"/>`,
    ...points.map(
      ({ from, count }, index) =>
        `<rect x="${at(left + index * step + step * 0.15)}" y="${at(y(count))}" width="${at(step * 0.7)}" height="${at(top + inner.height - y(count))}" fill="${main}"><title>${escaped(from.slice(0, 10))}: ${count}</title></rect>`,
    ),
    `<line x1="${left}" x2="${width - right}" y1="${at(y(mean))}" y2="${at(y(mean))}" stroke="${ink}" stroke-dasharray="4 3"/>`,
    text(left - 6, y(0), '0', 'end'),
    text(left - 6, y(most) + 8, at(most), 'end'),
    text(left, height - 6, points[0]?.from.slice(0, 10) ?? ''),
    text(width - right, height - 6, points.at(-1)?.from.slice(0, 10) ?? '', 'end'),
  ]);
};

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Counts by weekday and hour. */
export const heatChart = (heat: readonly (readonly number[])[]): string => {
  const most = Math.max(1, ...heat.flat());
  const cell = { width: inner.width / 24, height: inner.height / 7 };
  return svg(width, height, 'Incidents by weekday and hour (UTC)', [
    ...heat.flatMap((hours, day) =>
      hours.map(
        (count, hour) =>
          `<rect x="${at(left + hour * cell.width)}" y="${at(top + day * cell.height)}" width="${at(cell.width - 1)}" height="${at(cell.height - 1)}" fill="${main}" fill-opacity="${at(0.04 + (0.96 * count) / most)}"><title>${days[day]} ${hour}:00: ${count}</title></rect>`,
      ),
    ),
    ...days.map((day, index) => text(left - 6, top + index * cell.height + cell.height * 0.7, day, 'end')),
    ...[0, 6, 12, 18].map((hour) => text(left + hour * cell.width, height - 6, `${hour}:00`)),
  ]);
};

/** Phases one behind the other, each as long as its mean. */
export const phaseChart = (phases: readonly { name: string; minutes: number | null }[]): string => {
  const known = phases.filter((phase): phase is { name: string; minutes: number } => phase.minutes !== null);
  const all = Math.max(
    1e-9,
    known.reduce((sum, { minutes }) => sum + minutes, 0),
  );
  const [row, labels] = [26, 150];
  let from = 0;
  const bars = known.flatMap(({ name, minutes }, index) => {
    const [x, y, wide] = [
      labels + (from / all) * (width - labels - 90),
      8 + index * row,
      (minutes / all) * (width - labels - 90),
    ];
    from += minutes;
    return [
      text(labels - 8, y + 14, name, 'end', ink),
      `<rect x="${at(x)}" y="${y}" width="${at(Math.max(1, wide))}" height="18" fill="${main}"/>`,
      text(x + wide + 6, y + 14, `${at(minutes)} min`),
    ];
  });
  return svg(width, 16 + row * Math.max(1, known.length), 'Mean time of each phase of an incident', bars);
};

/** What was left of an error budget, day by day; below the line it is used up. */
export const budgetChart = (objective: string, points: readonly { at: string; left: number }[]): string => {
  const lowest = Math.min(0, ...points.map((point) => point.left));
  const y = (value: number): number => top + (inner.height * (1 - value)) / (1 - lowest);
  const x = (index: number): number => left + (inner.width * index) / Math.max(1, points.length - 1);
  return svg(width, height, `Error budget of ${objective}`, [
    `<line x1="${left}" x2="${width - right}" y1="${at(y(0))}" y2="${at(y(0))}" stroke="${ink}"/>`,
    `<polyline fill="none" stroke="${main}" stroke-width="2" points="${points.map((point, index) => `${at(x(index))},${at(y(point.left))}`).join(' ')}"/>`,
    text(left - 6, y(1) + 8, '100 %', 'end'),
    text(left - 6, y(0), '0', 'end'),
    text(left, height - 6, points[0]?.at.slice(0, 10) ?? ''),
    text(width - right, height - 6, points.at(-1)?.at.slice(0, 10) ?? '', 'end'),
  ]);
};
