import { incidentReference } from '../../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import { acceptedEntry } from '../../domain/incident/accepted.ts';
import type { IncidentDeclaration } from '../../domain/incident/declaration.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { IncidentStorage } from '../../storage/incident/index.ts';

export interface DeclarationPorts {
  catalogue: CatalogueStorage;
  incidents: Pick<IncidentStorage, 'open'>;
}

const declarer = ({ actor }: InboxRow): string[] => (actor.type === 'person' ? [actor.name] : []);

/** Opens what somebody has declared, once for each row. */
export async function deliverDeclarations(
  row: InboxRow,
  declarations: readonly IncidentDeclaration[],
  { catalogue, incidents }: DeclarationPorts,
): Promise<Delivered> {
  const catalogueRevision = await catalogue.revision();
  const records = [];
  for (const [at, { team: named, impactAt, privateTo, ...declared }] of declarations.entries()) {
    const service = declared.service === undefined ? undefined : await catalogue.find('Service', declared.service);
    const team = service?.owner ?? named;
    if (team === undefined)
      return { state: 'gap', verdict: { reason: `the catalogue has no service ${declared.service}` } };
    const number = await incidents.open(`${row.id}/${at}`, (next) => {
      const commission = {
        ...declared,
        number: next,
        team,
        ...(privateTo === undefined ? {} : { privateTo: [...new Set([...privateTo, ...declarer(row)])] }),
        detectedBy: { by: 'person' as const, name: row.actor.name },
        catalogueRevision,
        detectedAt: row.receivedAt,
        ...(impactAt === undefined ? {} : { impactAt: new Date(impactAt).toISOString() }),
        openedAt: row.receivedAt,
      };
      return { commission, entry: acceptedEntry(commission, row.actor, { inbox: row.id, bodyHash: row.bodyHash }) };
    });
    records.push(incidentReference(number));
  }
  return { state: 'delivered', verdict: { records } };
}
