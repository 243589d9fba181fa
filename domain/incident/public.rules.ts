import { DomainError } from '../errors.ts';
import type { Incident, IncidentStatus } from '../incident.ts';
import type { IncidentCommand } from './ask.ts';
import type { PublicStatus } from '../status-page.ts';
import { notNow } from './record.rules.ts';

const statuses: Record<IncidentStatus, PublicStatus> = {
  detected: 'investigating',
  triaged: 'investigating',
  investigating: 'investigating',
  mitigating: 'identified',
  'on-hold': 'identified',
  monitoring: 'monitoring',
  resolved: 'resolved',
  review: 'resolved',
  closed: 'resolved',
  cancelled: 'resolved',
};

/** How it stands, in public words. */
export const publicStatusOf = ({ status }: { status: IncidentStatus }): PublicStatus => statuses[status];

/** The public hears of what is real, and of nothing that is kept private. */
export const mayBePublic = ({ kind, privateTo }: Pick<Incident, 'kind' | 'privateTo'>): boolean =>
  kind === 'real' && privateTo === undefined;

/** Refuses to publish what is not for the public, or what no public name stands for. */
export const refuseUnpublishable = (incident: Incident, ask: IncidentCommand<'report-status'>): void => {
  if (!ask.public) {
    if (ask.publicTitle === undefined) return;
    throw new DomainError('invalid', 'only what is public has a public title', 'publicTitle');
  }
  if (!mayBePublic(incident))
    throw notNow(incident, 'nothing is published of a drill, or of what is backfilled or private');
  if (incident.service === undefined) throw notNow(incident, 'say first which service it is about');
};
