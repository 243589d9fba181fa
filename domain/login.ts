import { z } from 'zod';

/** What somebody is called outside of the catalogue; `evenkeel` is the name of a Person, `other` one of any of these. */
export const Login = z.strictObject({
  system: z.enum(['evenkeel', 'github', 'email', 'oidc', 'slack', 'other']),
  login: z.string().min(1).max(500),
  /** A program that works for somebody, which its sender does not name. */
  isBot: z.literal(true).optional(),
});
export type Login = z.infer<typeof Login>;

/** Somebody who set a plan off, with the people of the catalogue who have this login. */
export const TriggeredBy = Login.extend({ people: z.array(z.string()) });
export type TriggeredBy = z.infer<typeof TriggeredBy>;
