import { comparable, loginsOf } from '../login.rules.ts';
import type { Document } from '../document.ts';
import type { Login } from '../login.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/** Logins that another person names as well: then nobody knows who it was. Two may share an address for their mails. */
export const sharedLogins = (document: Document, catalogue: Lookup): Fault[] => {
  if (!isOf(document, 'Person')) return [];
  const { name, spec } = document;
  const others = catalogue.of('Person').filter((other) => other.name !== name);
  const holderOf = (login: Login, isNamed: boolean): string | undefined =>
    others.find((other) => {
      const all = loginsOf(isNamed ? other : { ...other, spec: { ...other.spec, email: '' } });
      return all.some(
        ({ system, login: own }) => system === login.system && comparable({ system, login: own }) === comparable(login),
      );
    })?.name;
  const named = Object.entries(spec.logins ?? {}).flatMap(([key, logins]) =>
    (logins ?? []).map((login, at) => ({
      login: { system: key as keyof NonNullable<typeof spec.logins>, login },
      path: ['spec', 'logins', key, at],
    })),
  );
  return [
    ...named.map((each) => ({ ...each, holder: holderOf(each.login, true) })),
    {
      login: { system: 'email' as const, login: spec.email },
      path: ['spec', 'email'],
      holder: holderOf({ system: 'email', login: spec.email }, false),
    },
  ].flatMap(({ login: { system, login }, path, holder }) =>
    holder === undefined
      ? []
      : [{ path, message: `${system} login ${login} already belongs to ${holder}: a login identifies one person` }],
  );
};
