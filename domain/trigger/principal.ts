import { z } from 'zod';
import { type Login, Login as Schema } from '../login.ts';
import { keepable } from '../text.ts';
import type { CloudEvent } from './cloudevents.ts';

const programs = new Set(['service_account', 'api_key', 'system']);
const name = z.string().min(1).max(500);
const names = z.union([name.transform((text) => [text]), z.array(name).max(5)]);
const Named = z.union([names, z.partialRecord(Schema.shape.system.exclude(['evenkeel']), names)]);

/**
 * Whoever triggered what a CDEvent tells: by the extension "auth context" of CloudEvents, and by `triggeredBy` in
 * `customData`, as no event of CDEvents has a place for it. What is not written so is left out.
 */
export const principalsOf = (
  { extensions: { authtype, authid } }: Pick<CloudEvent, 'extensions'>,
  customData: unknown,
): Login[] => {
  const isNamed = typeof authid === 'string' && authid !== '';
  const told = z.object({ triggeredBy: Named }).safeParse(customData).data?.triggeredBy ?? [];
  const bySystem = Array.isArray(told) ? { other: told } : told;
  return [
    ...(isNamed ? [loginOf('other', authid, programs.has(String(authtype)))] : []),
    ...Object.entries(bySystem).flatMap(([system, logins]) =>
      logins.map((login) => loginOf(Schema.shape.system.parse(system), login, false)),
    ),
  ].slice(0, 10);
};

const loginOf = (system: Login['system'], login: string, isBot: boolean): Login => ({
  system,
  login: keepable(login, 500),
  ...(isBot ? { isBot: true } : {}),
});
