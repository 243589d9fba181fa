import { periodText, scopeText } from '../metric/text.rules.ts';
import type { PerformanceReport } from '../performance-report.ts';
import { sectionsOf } from './section.rules.ts';

/** What others wrote may not end a cell, or look like markup. */
const cell = (text: string): string =>
  text.replaceAll(/[\s\p{Cc}]+/gu, ' ').replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`);

/** The report as Markdown. The same report always has the same text. */
export const reportToMarkdown = (report: PerformanceReport): string =>
  [
    `# ${cell(report.title)}`,
    '',
    `${scopeText(report.scope)}, ${periodText(report.period)}; written at ${report.writtenAt}; report ${report.id}`,
    ...sectionsOf(report).flatMap(({ heading, lead, columns, rows, empty }) => [
      '',
      `## ${heading}`,
      '',
      ...(lead === undefined ? [] : [lead, '']),
      ...(rows.length === 0
        ? [empty]
        : [
            `| ${columns.join(' | ')} |`,
            `|${columns.map(() => ' --- |').join('')}`,
            ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
          ]),
    ]),
    '',
  ].join('\n');
