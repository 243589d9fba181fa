import { DomainError } from '../../domain/errors.ts';
import { mayBePublic } from '../../domain/incident/public.rules.ts';
import type { Notice, OfRecord } from '../../domain/notice.ts';
import { componentOn } from '../../domain/status-page.ts';
import type { ActivityPorts } from '../ports.ts';
import { knownIncident } from './known.ts';

/** What is said of an incident, as PostgreSQL has it: whoever owes news hears whether the public waits for some as well. */
export const incidentNotice = async (
  { incidents, catalogue }: Pick<ActivityPorts, 'incidents' | 'catalogue'>,
  number: number,
  reason: OfRecord['reason'],
): Promise<Notice> => {
  if (reason !== 'incident-update-due') throw new DomainError('invalid', `an incident has no notice ${reason}`);
  const { commission, record } = await knownIncident(incidents, number);
  const pages = await catalogue.list('StatusPage');
  const isShown = pages.some(({ spec }) => componentOn(spec, { ...commission, ...record }));
  const isPublic = isShown && mayBePublic(commission);
  return { reason, isPublic, publishedAt: record?.updates.publishedAt };
};
