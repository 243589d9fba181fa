import { amountText, casesText, intervalText } from '../metric/text.rules.ts';
import type { PerformanceReport } from '../performance-report.ts';

/** A part of a report as data, so that Markdown and HTML say the same. */
export interface Section {
  heading: string;
  /** Below the heading. */
  lead?: string;
  columns: string[];
  rows: string[][];
  empty: string;
  charts?: ('trend' | 'heat' | 'phases' | 'budgets')[];
}

const day = (instant: string): string => instant.slice(0, 10);

/** What a report says, in its order. */
export const sectionsOf = (report: PerformanceReport): Section[] => {
  const { figures, budgets, incidents, repeats, problems, changes, expiring, signals } = report;
  const known = figures.filter((figure) => figure.figures.value !== null);
  return [
    {
      heading: 'Figures',
      lead: 'Against the period before. "Not distinguishable" means that chance alone explains the difference.',
      columns: ['Metric', 'Value', '95 % interval', 'Cases', 'Before', 'Verdict', 'Record'],
      rows: known.map((figure) => [
        figure.metric,
        amountText(figure.figures.value, figure.unit),
        intervalText(figure.figures, figure.unit),
        casesText(figure.figures),
        amountText(figure.before, figure.unit),
        figure.verdict.replaceAll('-', ' '),
        figure.record === undefined ? '' : `${figure.record} r${figure.revision}`,
      ]),
      empty: 'Nothing happened of which figures could be made.',
      charts: ['trend', 'phases', 'heat'],
    },
    {
      heading: 'Not known',
      columns: ['Metric', 'Why'],
      rows: figures
        .filter(({ figures: { value } }) => value === null)
        .map((figure) => [figure.metric, figure.figures.why ?? 'there was no case']),
      empty: 'Every metric has a value.',
    },
    {
      heading: 'Objectives',
      columns: ['Objective', 'Target', 'Budget used'],
      rows: budgets.map(({ objective, target, used }) => [
        objective,
        amountText(target, 'share'),
        amountText(used, 'share'),
      ]),
      empty: 'No objective is measured.',
      charts: ['budgets'],
    },
    {
      heading: 'Incidents',
      lead: 'Those that users felt longest.',
      columns: ['Incident', 'Severity', 'Service', 'Detected', 'Felt for', 'Title'],
      rows: incidents.map(({ number, severity, service = '', detectedAt, minutes, title }) => [
        String(number),
        severity,
        service,
        `${detectedAt.slice(0, 16).replace('T', ' ')}Z`,
        amountText(minutes, 'minutes'),
        title,
      ]),
      empty: 'There was no incident.',
    },
    {
      heading: 'Repeats',
      columns: ['What is the same', 'Incidents'],
      rows: repeats.map(({ what, incidents: numbers }) => [what, numbers.join(', ')]),
      empty: 'Nothing came again.',
    },
    {
      heading: 'Problems and actions',
      columns: ['Problem', 'Status', 'Owner', 'Open actions', 'Late', 'Fix', 'Title'],
      rows: problems.map(({ number, status, owner = '', openActions, lateActions, verdict = '', title }) => [
        String(number),
        status,
        owner,
        String(openActions),
        String(lateActions),
        verdict,
        title,
      ]),
      empty: 'There is no problem.',
    },
    {
      heading: 'Changes',
      lead: `${changes.deployments} deployments, ${changes.failed.length} of which failed.`,
      columns: ['Failed plan'],
      rows: changes.failed.map((plan) => [plan]),
      empty: 'No change failed.',
    },
    {
      heading: 'Expiring',
      columns: ['What', 'Expires', 'Reason'],
      rows: expiring.map(({ what, expiresAt, reason }) => [what, day(expiresAt), reason]),
      empty: 'No waiver and no accepted risk expires soon.',
    },
    {
      heading: 'Improvement signals',
      columns: ['Signal', 'Service', 'Stage', 'Severity', 'Status', 'Due', 'Why'],
      rows: signals.map(({ kind, service = '', targetStages, severity, status, dueAt, why }) => [
        kind,
        service,
        targetStages.join(', '),
        severity,
        status,
        day(dueAt),
        why,
      ]),
      empty: 'Nothing is to be answered.',
    },
  ];
};
