import { DomainError } from '../../../domain/errors.ts';
import type { AskOf, PlanAsk } from '../../../domain/operation-plan.ts';
import { holdsIn } from '../../../domain/team.rules.ts';
import type { PlanRow } from '../../../storage/operation-plan.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';
import { refuseDecider, refuseStranger } from '../../eligibility.ts';

/** Refuses somebody for a seat who is not known, has voted on the plan, or is not whom the seat asks for. */
export async function refuseUnfit(context: Context, plan: PlanRow, ask: PlanAsk, access: Access): Promise<void> {
  if (ask.type === 'accept') await refuseDecider(context, plan.reference, access.actor.name);
  if (ask.type !== 'assign' && ask.type !== 'reassign') return;
  const [person, field] = ask.type === 'assign' ? [ask.person, 'person'] : [ask.to, 'to'];
  await refuseStranger(context, person, field);
  if (ask.type === 'reassign') await refuseUnqualified(context, plan, ask);
  await refuseDecider(context, plan.reference, person, field);
}

/** By the catalogue of the plan, as whoever is asked first. */
const refuseUnqualified = async (
  { stores }: Context,
  { record, commission }: PlanRow,
  { seat, to }: AskOf<'reassign'>,
): Promise<void> => {
  const assignment = record?.assignments.find((candidate) => candidate.seat === seat);
  // Which seats there are, the plan says.
  if (!assignment) return;
  const { team, role } = assignment;
  const found = await stores.catalogue.find('Team', team, commission.catalogueRevision);
  if (!found || !holdsIn(found, to, role))
    throw new DomainError(
      'invalid',
      `seat ${seat} takes the role ${role} in team ${team}, which ${to} does not have`,
      'to',
    );
};
