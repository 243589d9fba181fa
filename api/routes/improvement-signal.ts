import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { ImprovementSignal, SignalAnswer, SignalKind } from '../../domain/improvement-signal.ts';
import { type Access, demandPerson } from '../access.ts';
import type { Context } from '../context.ts';
import { mayHaveKey, requestId } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf, uuid } from '../page.ts';

const ById = z.strictObject({ id: z.uuid() });

/** What operations have learnt, and what its teams answer. */
export const improvementSignalOperations = ({ stores: { signals } }: Context): Untagged[] => {
  const visible = async (id: string, access: Access): Promise<ImprovementSignal> => {
    const signal = await signals.find(id);
    if (!signal) throw new DomainError('not-found', `there is no signal ${id}`);
    access.demand('viewer', signal.team, `signal ${id}`);
    return signal;
  };
  return [
    operation({
      id: 'listSignals',
      route: 'GET /v1/improvement-signals',
      summary: 'Lists the improvement signals of your teams, newest first',
      role: 'viewer',
      query: z.strictObject({
        ...PageQuery,
        service: z.string().max(63).optional(),
        kind: SignalKind.optional(),
        status: ImprovementSignal.shape.status.optional(),
      }),
      answer: pagesOf(ImprovementSignal),
      async handle({ query: { after, limit, ...filter }, access }) {
        const teams = access.teamsWith('viewer');
        const found = await signals.list({ ...filter, teams, after: positionOf(after, uuid), limit });
        return { body: pageOfListed(found, (signal) => signal) };
      },
    }),
    operation({
      id: 'showSignal',
      route: 'GET /v1/improvement-signals/{id}',
      summary: 'Shows an improvement signal with its evidence and its answers',
      role: 'viewer',
      params: ById,
      answer: { status: 200, description: 'The signal', schema: ImprovementSignal },
      handle: async ({ params: { id }, access }) => ({ body: await visible(id, access) }),
    }),
    operation({
      id: 'answerSignal',
      route: 'POST /v1/improvement-signals/{id}/answer',
      summary: 'Accepts a signal, rejects it with a reason, or says that it is done and what was measured afterwards',
      role: 'operator',
      params: ById,
      headers: mayHaveKey,
      body: SignalAnswer,
      answer: { status: 200, description: 'The signal as it stands', schema: ImprovementSignal },
      async handle({ params: { id }, body, access, headers }) {
        const { team } = await visible(id, access);
        access.demand('operator', team, `signal ${id}`);
        demandPerson(access, 'people answer improvement signals');
        const command = requestId('answerSignal', { access, headers });
        return { body: await signals.answer(id, body, command, access.actor, new Date().toISOString()) };
      },
    }),
  ];
};
