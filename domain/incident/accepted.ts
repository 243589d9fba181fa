import type { Actor } from '../actor.ts';
import type { LedgerEntry } from '../audit.ts';
import { incidentReference } from '../identifiers.ts';
import type { IncidentCommission } from '../incident.ts';

/** The first entry of the incident's ledger: what it was opened for, and by whom. */
export const acceptedEntry = (
  commission: IncidentCommission,
  actor: Actor,
  evidence: Record<string, unknown> = {},
): LedgerEntry => {
  const { number, openedAt: at, ...detail } = commission;
  const belongsTo = incidentReference(number);
  return {
    key: `${belongsTo}/accepted`,
    at,
    actor,
    action: 'incident.accepted',
    subject: belongsTo,
    belongsTo,
    detail: { ...detail, ...evidence },
  };
};
