import type { IncidentCommission } from '../../../domain/incident.ts';
import { fillLiquid } from '../../../domain/liquid.ts';
import type { PageTexts } from '../../../domain/message-text.ts';
import type { OfferedError } from '../../../domain/problem/offer.ts';
import { keepable } from '../../../domain/text.ts';
import { inLine, type Mail } from './about.ts';

export interface PageWords extends Mail {
  /** For a small screen, or to be read out. */
  short: string;
}

/** An incident like this one, and what resolved it. */
export interface NamedSimilar {
  number: number;
  title: string;
  detectedAt: string;
  solution: string | undefined;
  why: readonly string[];
}

interface About {
  /** From 0; none for whoever is paged after the last one. */
  level: number | undefined;
  loop: number;
  alerts: readonly string[];
  knownErrors?: readonly OfferedError[];
  similar?: readonly NamedSimilar[];
  publicUrl: string;
  /** The words of the team, where it has its own. */
  texts?: PageTexts | undefined;
}

/** A mail is read on a phone, and no receiver takes any length. */
const mostText = 20_000;
const mostShort = 1_000;
/** The commands come after them, and have to be there. */
const [mostSymptom, mostWorkaround, mostSimilar] = [200, 500, 400];

/** What somebody is woken for: what is broken, since when, and the command that says that they have it. */
export const pageWords = (
  { number, title, service, environment, severity, impactAt, detectedAt, follows, kind }: IncidentCommission,
  { level, loop, alerts, knownErrors = [], similar = [], publicUrl, texts = {} }: About,
): PageWords => {
  const place =
    service === undefined
      ? 'a service that is not known'
      : `${service}${environment === undefined ? '' : ` in ${environment}`}`;
  const drill = kind === 'drill' ? 'DRILL ' : '';
  const link = `${publicUrl}/v1/incidents/${number}`;
  const since = impactAt ?? detectedAt;
  const commands = { acknowledge: `evenkeel incident acknowledge ${number}`, show: `evenkeel incident show ${number}` };
  const subject = `${drill}${severity} ${place}: ${title}`;
  const text = [
    `${drill}Incident ${number}: ${inLine(title)}`,
    '',
    `Severity: ${severity}`,
    `Service: ${place}`,
    `Since: ${since}`,
    ...(follows === undefined ? [] : [`Follows: incident ${follows}, which was over`]),
    ...(alerts.length > 1 ? ['', 'Alerts:', ...alerts.map((alert) => `- ${inLine(alert)}`), ''] : []),
    ...knownErrors.flatMap((known) => ['', ...knownErrorLines(known, number), '']),
    ...(similar.length > 0 ? ['', 'Similar incidents:', ...similar.map(similarLine), ''] : []),
    turnText(level, loop),
    '',
    commands.acknowledge,
    commands.show,
    '',
    link,
  ].join('\n');
  // Words of others, so that none of their lines passes for one of ours.
  const values = {
    incident: number,
    title: inLine(title),
    severity,
    service: service ?? '',
    environment: environment ?? '',
    since,
    alerts: alerts.map(inLine),
    level: level === undefined ? 'last' : level + 1,
    round: loop + 1,
    link,
    commands,
    drill: kind === 'drill',
  };
  // A page goes out, also where a template fails.
  const worded = (template: string | undefined, usual: string): string =>
    (template === undefined ? undefined : fillLiquid(template, values)?.trim()) || usual;
  return {
    subject: keepable(inLine(worded(texts.subject, subject)), 200),
    text: keepable(worded(texts.body, text), mostText),
    short: keepable(inLine(worded(texts.short, `Incident ${number}: ${subject}. ${link}`)), mostShort),
  };
};

/** What it probably is, and what helps: whoever was woken has not slept on it. */
export const knownErrorLines = (
  { problem, symptom, workaround, runbook }: OfferedError,
  incident: number,
): string[] => [
  `Known error of problem ${problem}: ${keepable(inLine(symptom), mostSymptom)}`,
  ...(workaround === '' ? [] : [`Workaround: ${keepable(inLine(workaround), mostWorkaround)}`]),
  ...(runbook === undefined
    ? []
    : [`evenkeel incident start-runbook ${incident} ${runbook} --reason "known error of problem ${problem}"`]),
];

const similarLine = ({ number, title, detectedAt, solution, why }: NamedSimilar): string =>
  keepable(
    inLine(
      `- Incident ${number} of ${detectedAt.slice(0, 10)}: ${title}${solution === undefined ? '' : `; resolved by: ${solution}`} (${why.join(', ')})`,
    ),
    mostSimilar,
  );

const turnText = (level: number | undefined, loop: number): string =>
  level === undefined
    ? 'Nobody who was paged before you has answered, and nobody is paged after you.'
    : `You are level ${level + 1} of the escalation${loop === 0 ? '' : `, round ${loop + 1}`}.`;
