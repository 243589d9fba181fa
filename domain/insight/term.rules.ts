import type { IncidentProfile } from './profile.ts';
import type { Compared } from './similarity.rules.ts';

/** What incidents are looked up by. */
export const termOf = {
  word: (word: string): string => `word/${word}`,
  template: (id: number): string => `template/${id}`,
  alert: (fingerprint: string): string => `alert/${fingerprint}`,
  objective: (name: string): string => `objective/${name}`,
  /** The same cause elsewhere is another one. */
  cause: (cause: string, { service, team }: Pick<IncidentProfile, 'service' | 'team'>): string =>
    `cause/${service ?? `team ${team}`}/${cause}`,
};

/** By which it is like others, without its words. */
export const marksOf = ({ templates, alerts, objectives }: Omit<Compared, 'words'>): string[] => [
  ...templates.map(({ id }) => termOf.template(id)),
  ...alerts.map(termOf.alert),
  ...objectives.map(termOf.objective),
];

/** Everything that an incident is looked up by, each once. */
export const termsOf = (profile: IncidentProfile): string[] => [
  ...new Set([
    ...marksOf(profile),
    ...profile.words.map(termOf.word),
    ...profile.causes.map((cause) => termOf.cause(cause, profile)),
  ]),
];
