import { z } from 'zod';
import { canonical, sha256 } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { idOf } from '../../domain/identifiers.ts';
import { DeploymentReport, factOf } from '../../domain/trigger/report.ts';
import { senderOf } from '../access.ts';
import type { Context } from '../context.ts';
import { idempotencyKeyOf, needsKey } from '../idempotency.ts';
import { operation, type Untagged } from '../operation.ts';
import { demandPlace } from '../place.ts';

const Answered = z.object({
  accepted: z.string(),
  state: z.string(),
  plans: z.array(z.string()),
  reason: z.string().optional(),
});

export type Answered = z.infer<typeof Answered>;

/** Where a pipeline tells of a deployment with one `curl`. */
export const deploymentOperations = ({ commands, recent }: Context): Untagged[] => [
  operation({
    id: 'reportDeployment',
    route: 'POST /v1/deployments',
    summary: 'Reports a deployment; the Idempotency-Key makes it safe to repeat',
    role: 'operator',
    headers: needsKey,
    body: DeploymentReport,
    answer: {
      status: 202,
      description: 'Committed, with the plan if there is one already',
      schema: Answered,
      headers: { Location: 'Where it is shown what became of it' },
    },
    async handle({ body, access, headers }) {
      const key = idempotencyKeyOf(headers);
      if (key === undefined)
        throw new DomainError('invalid', 'the header Idempotency-Key is required', 'Idempotency-Key');
      const { owner } = await demandPlace({ recent }, access, 'operator', body);
      const bytes = Buffer.from(canonical(body));
      const accepted = await commands.accept(
        {
          kind: 'fact',
          source: `api/${senderOf(access)}`,
          dedupKey: key,
          name: 'deployment.reported',
          team: owner,
          actor: access.actor,
          body: bytes,
          bodyHash: sha256(bytes),
          content: { family: 'deployment', facts: [factOf(body, key)] },
        },
        true,
      );
      if (!accepted.isSameBody)
        throw new DomainError(
          'conflict',
          'this Idempotency-Key was used before with another service, environment, artifact, change, occurrence, note or link',
          'Idempotency-Key',
        );
      const { id, state, verdict } = accepted;
      return {
        headers: { location: `/v1/inbox/${id}` },
        body: {
          accepted: id,
          state,
          plans: (verdict?.records ?? []).map(idOf),
          ...(verdict?.reason === undefined ? {} : { reason: verdict.reason }),
        },
      };
    },
  }),
];
