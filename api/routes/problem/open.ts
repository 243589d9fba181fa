import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { ProblemDeclaration } from '../../../domain/problem/declaration.ts';
import type { Access } from '../../access.ts';
import type { Context } from '../../context.ts';
import { declare, ownerOf } from '../../declaration.ts';
import { refuseStranger } from '../../eligibility.ts';
import { mayHaveKey } from '../../idempotency.ts';
import { operation, type Untagged } from '../../operation.ts';
import { refuseOtherIncident } from './linked.ts';
import { ifVisible, visibleProblem } from './visible.ts';

const Opened = z.object({ accepted: z.string(), state: z.string(), problem: z.int().optional() });
export type Opened = z.infer<typeof Opened>;

/** Anybody with a token says that something keeps happening, whoever answers for it. */
export const openProblem = (context: Context): Untagged =>
  operation({
    id: 'openProblem',
    route: 'POST /v1/problems',
    summary: 'Opens a problem: something keeps happening, or may',
    role: 'holder',
    headers: mayHaveKey,
    body: ProblemDeclaration,
    answer: {
      status: 202,
      description: 'Committed, with the number if there is one already',
      schema: Opened,
      headers: { Location: 'Where it is shown what became of it' },
    },
    async handle({ body, access, headers }) {
      const team = await teamOf(context, body, access);
      const {
        location,
        opened,
        reason: _,
        ...committed
      } = await declare(
        context,
        {
          what: 'problem',
          name: 'problem.opened',
          team: body.privateTo === undefined ? team : undefined,
          content: { family: 'problem', facts: [body] },
        },
        { access, headers },
      );
      return {
        headers: { location },
        body: { ...committed, ...(opened === undefined ? {} : { problem: Number(opened) }) },
      };
    },
  });

/** The team that answers for it. Refuses names that the catalogue does not have, and what whoever asks does not see. */
const teamOf = async (context: Context, body: ProblemDeclaration, access: Access): Promise<string> => {
  const owner = await ownerOf(context, body);
  for (const person of body.privateTo ?? []) await refuseStranger(context, person, 'privateTo');
  for (const incident of body.incidents)
    await refuseOtherIncident(context, incident, body.privateTo !== undefined, access);
  if (body.follows !== undefined) {
    const before = await ifVisible(visibleProblem(context, String(body.follows), access));
    if (!before) throw new DomainError('invalid', `there is no problem ${body.follows}`, 'follows');
    if (before.status !== 'closed')
      throw new DomainError('conflict', `problem ${body.follows} is open: what goes on belongs to it`, 'follows');
  }
  return owner;
};
