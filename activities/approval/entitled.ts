import type { Approver } from '../../domain/approval.ts';
import { approversNow } from '../../domain/approvers.ts';
import type { CatalogueStore } from '../../domain/ports.ts';

/** For consuming: who would be named now. Somebody who was on call when asked stays entitled by being on the schedule. */
export const mayApprove =
  (catalogue: CatalogueStore, at: number) =>
  async (approvers: Approver[]): Promise<string[]> => {
    const scheduled = await Promise.all(
      approvers.map(async (approver) =>
        'onCall' in approver
          ? ((await catalogue.find('Schedule', approver.onCall))?.layers.flatMap(({ people }) => people) ?? [])
          : [],
      ),
    );
    return [...(await approversNow(catalogue, approvers, at)), ...scheduled.flat()];
  };
