import { periodText, scopeText } from '../metric/text.rules.ts';
import type { PerformanceReport } from '../performance-report.ts';
import { budgetChart, heatChart, phaseChart, trendChart } from './chart.rules.ts';
import { type Section, sectionsOf } from './section.rules.ts';

const escaped = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; font-size: 13px; }
  th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #d9e2ec; vertical-align: top; }
  svg { width: 100%; max-width: 40rem; }
  figure { margin: 1rem 0; break-inside: avoid; }
  figcaption, .lead { color: #52606d; }
  @media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;

/** The report as a page of its own: no script, no font and no picture from elsewhere; it prints as it is. */
export const reportToHtml = (report: PerformanceReport): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(report.title)}</title><style>${style}</style></head>`,
    '<body>',
    `<h1>${escaped(report.title)}</h1>`,
    `<p class="lead">${escaped(scopeText(report.scope))}, ${escaped(periodText(report.period))}; written at ${escaped(report.writtenAt)}; report ${escaped(report.id)}</p>`,
    ...sectionsOf(report).map((section) => sectionHtml(section, report)),
    '</body>',
    '</html>',
    '',
  ].join('\n');

const sectionHtml = (
  { heading, lead, columns, rows, empty, charts = [] }: Section,
  report: PerformanceReport,
): string =>
  [
    '<section>',
    `<h2>${escaped(heading)}</h2>`,
    ...(lead === undefined ? [] : [`<p class="lead">${escaped(lead)}</p>`]),
    rows.length === 0
      ? `<p>${escaped(empty)}</p>`
      : [
          '<table>',
          `<thead><tr>${columns.map((column) => `<th scope="col">${escaped(column)}</th>`).join('')}</tr></thead>`,
          `<tbody>${rows.map((row) => `<tr>${row.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`).join('\n')}</tbody>`,
          '</table>',
        ].join('\n'),
    ...charts.flatMap((chart) => figuresOf(chart, report)),
    '</section>',
  ].join('\n');

const figuresOf = (chart: NonNullable<Section['charts']>[number], { charts, budgets }: PerformanceReport): string[] => {
  const figure = (drawn: string, caption: string): string =>
    `<figure>${drawn}<figcaption>${escaped(caption)}</figcaption></figure>`;
  switch (chart) {
    case 'trend':
      return [
        figure(trendChart(charts.trend), 'Incidents over time; the band is what chance alone gives around the mean.'),
      ];
    case 'heat':
      return [figure(heatChart(charts.heat), 'Incidents by weekday and hour, UTC.')];
    case 'phases':
      return charts.phases.some(({ minutes }) => minutes !== null)
        ? [figure(phaseChart(charts.phases), 'Mean time of each phase, from impact to resolution.')]
        : [];
    case 'budgets':
      return budgets
        .filter(({ left }) => left.length > 1)
        .map(({ objective, left }) =>
          figure(budgetChart(objective, left), `Error budget of ${objective}: what was left.`),
        );
  }
};
