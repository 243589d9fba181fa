import type { Login, TriggeredBy } from './login.ts';
import type { PersonSpec } from './team.ts';

/** A person of the catalogue, as far as logins say who it is. */
export interface Known {
  name: string;
  spec: Pick<PersonSpec, 'email' | 'logins'>;
}

/** As it is compared: only subjects of OIDC tell capitals apart. */
export const comparable = ({ system, login }: Pick<Login, 'system' | 'login'>): string =>
  system === 'oidc' ? login : login.toLowerCase();

/** Every login of a person, the name in the catalogue and the address for mails among them. */
export const loginsOf = ({ name, spec: { email, logins = {} } }: Known): Login[] => {
  const { github = [], email: addresses = [], oidc = [], slack = [], other = [] } = logins;
  return [
    { system: 'evenkeel', login: name },
    ...github.map((login) => ({ system: 'github', login }) as const),
    ...[email, ...addresses].map((login) => ({ system: 'email', login }) as const),
    ...oidc.map((login) => ({ system: 'oidc', login }) as const),
    ...slack.map((login) => ({ system: 'slack', login }) as const),
    ...other.map((login) => ({ system: 'other', login }) as const),
  ];
};

/** Whoever is called so. A sender that does not say of which system it speaks may mean any. */
const isSame = (told: Login, own: Login): boolean =>
  told.system === 'other' || own.system === 'other'
    ? told.login.toLowerCase() === own.login.toLowerCase()
    : told.system === own.system && comparable(told) === comparable(own);

/** The logins, each once, with the people who have them. Whom somebody found before stays found. */
export const identified = (told: readonly (Login | TriggeredBy)[], people: readonly Known[]): TriggeredBy[] => {
  const found = new Map<string, TriggeredBy>();
  for (const login of told) {
    const key = `${login.system} ${comparable(login)}`;
    const holders = people.filter((person) => loginsOf(person).some((own) => isSame(login, own)));
    const before = [found.get(key)?.people ?? [], 'people' in login ? login.people : []].flat();
    found.set(key, { ...login, people: [...new Set([...before, ...holders.map(({ name }) => name)])] });
  }
  return [...found.values()];
};

/** Nobody of the catalogue is known to have set it off, or somebody else than a program has as well. */
export const isUnknownTrigger = (triggeredBy: readonly TriggeredBy[]): boolean =>
  triggeredBy.every(({ people }) => people.length === 0) ||
  triggeredBy.some(({ people, isBot }) => people.length === 0 && isBot !== true);

/** In words: `ann (github/ann-k)`. */
export const triggeredByText = (triggeredBy: readonly TriggeredBy[]): string =>
  triggeredBy
    .map(({ system, login, people, isBot }) => {
      if (system === 'evenkeel' && people.includes(login)) return login;
      const known = people.join(' or ');
      return known === ''
        ? `${system}/${login} (${isBot === true ? 'a program' : 'nobody of the catalogue'})`
        : `${known} (${system}/${login})`;
    })
    .join(', ') || 'nobody is named by the sender';
