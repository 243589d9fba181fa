import type { IncidentCommission } from '../../../domain/incident.ts';
import { inLine, type Mail } from './about.ts';

/** What somebody is woken for: what is broken, since when, and the command that says that they have it. */
export const pageMail = (
  { number, title, service, environment, severity, impactAt, detectedAt, follows, kind }: IncidentCommission,
  { level, loop, alerts, publicUrl }: { level: number; loop: number; alerts: readonly string[]; publicUrl: string },
): Mail => {
  const place =
    service === undefined
      ? 'a service that is not known'
      : `${service}${environment === undefined ? '' : ` in ${environment}`}`;
  const drill = kind === 'drill' ? 'DRILL ' : '';
  return {
    subject: inLine(`${drill}${severity} ${place}: ${title}`).slice(0, 200),
    text: [
      `${drill}Incident ${number}: ${inLine(title)}`,
      '',
      `Severity: ${severity}`,
      `Service: ${place}`,
      `Since: ${impactAt ?? detectedAt}`,
      ...(follows === undefined ? [] : [`Follows: incident ${follows}, which was over`]),
      ...(alerts.length > 1 ? ['', 'Alerts:', ...alerts.map((alert) => `- ${inLine(alert)}`), ''] : []),
      `You are level ${level + 1} of the escalation${loop === 0 ? '' : `, round ${loop + 1}`}.`,
      '',
      `evenkeel incident acknowledge ${number}`,
      `evenkeel incident show ${number}`,
      '',
      `${publicUrl}/v1/incidents/${number}`,
    ].join('\n'),
  };
};
