import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { canonical, sha256 } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { idOf } from '../domain/identifiers.ts';
import type { Facts } from '../domain/inbox.ts';
import { senderOf } from './access.ts';
import type { Context } from './context.ts';
import { type Asker, idempotencyKeyOf } from './idempotency.ts';
import type { Answer, Said } from './operation.ts';

interface Declaration {
  /** What it opens, in a word: `incident`. */
  what: string;
  name: string;
  /** Whose matter the row is; of nobody's, which who sent it alone sees. */
  team: string | undefined;
  content: Facts;
}

/** The team that answers for what is declared: that of its service, else the one that is named. Refuses names that the catalogue does not have. */
export const ownerOf = async (
  { recent }: Pick<Context, 'recent'>,
  { service: name, environment, team }: DeclaredPlace,
): Promise<string> => {
  const service = name === undefined ? undefined : await recent.find('Service', name);
  if (name !== undefined && !service)
    throw new DomainError('invalid', `the catalogue has no service ${name}`, 'service');
  if (environment !== undefined && !(await recent.find('Environment', environment)))
    throw new DomainError('invalid', `the catalogue has no environment ${environment}`, 'environment');
  if (team !== undefined && !(await recent.find('Team', team)))
    throw new DomainError('invalid', `the catalogue has no team ${team}`, 'team');
  return service?.owner ?? team!;
};

/** A service, or else a team: both are never missing. */
interface DeclaredPlace {
  service?: string | undefined;
  environment?: string | undefined;
  team?: string | undefined;
}

interface Declared {
  location: string;
  accepted: string;
  state: string;
  opened: string | undefined;
  reason: string | undefined;
}

const OpenedPlan = z.object({
  accepted: z.string(),
  state: z.string(),
  plan: z.string().optional(),
  reason: z.string().optional(),
});
export type OpenedPlan = z.infer<typeof OpenedPlan>;

/** The answer to what opens a plan. */
export const Opening = {
  status: 202,
  description: 'Committed, with the plan if there is one already',
  schema: OpenedPlan,
  headers: { Location: 'Where it is shown what became of it' },
} as const satisfies Said;

export const openingOf = ({ location, opened: plan, ...said }: Declared): Answer => ({
  headers: { location },
  body: { ...said, plan } satisfies { [Field in keyof OpenedPlan]: OpenedPlan[Field] | undefined },
});

/** Commits what somebody declares, once for each Idempotency-Key, and says what it has opened if that is there already. */
export const declare = async (
  { commands }: Pick<Context, 'commands'>,
  { what, name, team, content }: Declaration,
  { access, headers }: Asker,
): Promise<Declared> => {
  const body = Buffer.from(canonical(content.facts[0]));
  const accepted = await commands.accept(
    {
      kind: 'fact',
      source: `api/${senderOf(access)}`,
      dedupKey: `${what}/${idempotencyKeyOf(headers) ?? randomUUID()}`,
      name,
      ...(team === undefined ? {} : { team }),
      actor: access.actor,
      body,
      bodyHash: sha256(body),
      content,
    },
    true,
  );
  if (!accepted.isSameBody)
    throw new DomainError('conflict', `this Idempotency-Key was used before with another ${what}`, 'Idempotency-Key');
  const { id, state, verdict } = accepted;
  const [record] = verdict?.records ?? [];
  return {
    location: `/v1/inbox/${id}`,
    accepted: id,
    state,
    opened: record === undefined ? undefined : idOf(record),
    reason: verdict?.reason,
  };
};
