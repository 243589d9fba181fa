import { DomainError } from '../errors.ts';
import type { Incident } from '../incident.ts';
import type { IncidentCommand } from './ask.ts';
import { isOver, notNow, takesAlerts } from './record.rules.ts';

/** Some of its alerts become another incident. */
export const split = (incident: Incident, { alerts, command }: IncidentCommand<'split'>): Incident => {
  if (!takesAlerts(incident)) throw notNow(incident, 'only what is open is split');
  if (new Set(alerts).size >= incident.alerts.total)
    throw new DomainError('invalid', `it has ${incident.alerts.total} alerts: at least one stays`, 'alerts');
  return { ...incident, splits: [...(incident.splits ?? []), { command }] };
};

/** The first command whose alerts are not split off yet. */
export const splitAsked = ({ splits = [] }: Incident): string | undefined =>
  splits.find(({ into }) => into === undefined)?.command;

/** The alerts are those of another incident now; of none, where nothing could be split off. */
export const splitInto = (incident: Incident, command: string, into: number | undefined): Incident => ({
  ...incident,
  splits: (incident.splits ?? []).flatMap((each) => {
    if (each.command !== command) return [each];
    return into === undefined ? [] : [{ command, into }];
  }),
});

/** It is a part of another one, as far as people are concerned: neither moves with the other. */
export const link = (incident: Incident, { parent }: IncidentCommand<'link'>): Incident => {
  if (isOver(incident)) throw notNow(incident, 'it is over');
  if (parent === incident.number) throw new DomainError('invalid', 'an incident is not a part of itself', 'parent');
  if (incident.parent === parent) throw notNow(incident, `incident ${parent} is its parent already`);
  return { ...incident, parent };
};

export const unlink = ({ parent, ...incident }: Incident): Incident => {
  if (parent === undefined) throw notNow(incident, 'it has no parent');
  return incident;
};
