import { DomainError } from '../errors.ts';
import type { Incident, IncidentIn, IncidentTiming } from '../incident.ts';
import type { IncidentCommand } from './ask.ts';
import { notNow, progressed } from './record.rules.ts';

/** Waits for somebody or something else, at most until then. */
export const hold = (incident: Incident, { why, until, at }: IncidentCommand<'hold'>): Incident => {
  if (incident.status !== 'investigating' && incident.status !== 'mitigating')
    throw notNow(incident, 'only what is worked on is put on hold');
  const wakesAt = new Date(until).toISOString();
  if (wakesAt <= at) throw new DomainError('invalid', 'expected an instant to come', 'until');
  return {
    ...incident,
    status: 'on-hold',
    hold: { from: incident.status, reason: why, until: wakesAt },
    pauses: [...(incident.pauses ?? []), { why, from: at }],
  };
};

export const resume = (incident: Incident, { at }: IncidentCommand<'resume'>, timing: IncidentTiming): Incident => {
  if (incident.status !== 'on-hold') throw notNow(incident, 'there is nothing to resume');
  return progressed(resumed(incident, at), at, timing);
};

/** Back to where it was before it was put on hold. */
export const resumed = ({ hold: { from }, ...incident }: IncidentIn<'on-hold'>, at: string): Incident => {
  const pauses = (incident.pauses ?? []).map((pause) => (pause.until === undefined ? { ...pause, until: at } : pause));
  if (from === 'investigating') return { ...incident, pauses, status: 'investigating' };
  return { ...incident, pauses, strategy: incident.strategy ?? 'other', status: 'mitigating' };
};
