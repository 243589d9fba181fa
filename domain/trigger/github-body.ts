import { z } from 'zod';
import type { Login } from '../login.ts';
import { keepable } from '../text.ts';

/** What several events of GitHub have in common. */
export const GithubRepository = z.object({
  id: z.int(),
  full_name: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/)
    .max(200),
});

/** A part of the body that is only displayed and compared never kills a delivery. */
export const GithubUser = z
  .object({ login: z.string().min(1).max(100), type: z.string().nullish() })
  .nullish()
  .catch(undefined);

/** Everybody whom GitHub names: who made the deployment may be a workflow's bot, and its run says who started that. */
export const namedBy = (...users: readonly z.infer<typeof GithubUser>[]): Login[] => {
  const named = users.flatMap((user) => (user ? [user] : []));
  return [...new Map(named.map((user) => [user.login.toLowerCase(), user])).values()].map(({ login, type }) => ({
    system: 'github',
    login: keepable(login, 100),
    ...(type === 'Bot' || login.endsWith('[bot]') ? { isBot: true } : {}),
  }));
};

/** A purl names an owner and a repository in lower case, so that another source can say the same. */
export const purlOf = (repository: string, sha?: string): string =>
  `pkg:github/${repository.toLowerCase()}${sha === undefined ? '' : `@${sha}`}`;
