import type { Event } from './incident-event.ts';
import { plain, table, when } from './print.ts';

/** How a command was kept and carried out says nothing of the problem. */
const bookkeeping = /^(?:command\.(?:accepted|applied)|effect\.)/;

type Detail = Readonly<Record<string, unknown>>;

/** What somebody did, or what happened, so that it reads on from the name of who it was. */
const sentences: Readonly<Record<string, (of: Detail) => string>> = {
  'problem.accepted': (of) =>
    `opened it: ${word(of, 'title')}${word(of, 'because') === '' ? '' : ` (${word(of, 'because')})`}`,
  'problem.opened': () => 'began to look after it',
  'problem.assessed': (of) => `impact ${word(of, 'impact')}, urgency ${word(of, 'urgency')}`,
  'problem.assigned': (of) => `assigned it to ${word(of, 'to')}`,
  'problem.linked': (of) =>
    `linked incident ${word(of, 'incident')}${of['isSameCause'] === true ? ', which has the same cause' : ''}`,
  'problem.unlinked': (of) => `unlinked incident ${word(of, 'incident')}`,
  'problem.claimed': (of) => `claimed (${word(of, 'kind')}): ${word(of, 'text')}`,
  'problem.claim-judged': (of) => `claim ${word(of, 'claim')} is ${word(of, 'status')}`,
  'problem.known-error-published': () => 'published what is known of its cause, and what helps',
  'problem.action-added': (of) => `planned: ${inside(of, 'action', 'text')} (${inside(of, 'action', 'owner')})`,
  'problem.action-started': (of) => `began action ${word(of, 'action')}`,
  'problem.action-done': (of) => `did action ${word(of, 'action')}: ${word(of, 'note')}`,
  'problem.action-dropped': (of) => `dropped action ${word(of, 'action')}`,
  'problem.action-chased': (of) => `reminded ${word(of, 'owner')} of action ${word(of, 'action')}`,
  'problem.counted': (of) => `counted ${word(of, 'incidents')} incidents before the fix`,
  'problem.judged': (of) => `judged the fix: ${word(of, 'verdict')}`,
  'problem.risk-asked': (of) => `asked to live with it until ${word(of, 'until')}`,
  'problem.risk-accepted': (of) => `its risk is accepted until ${word(of, 'until')}`,
  'problem.noted': (of) => word(of, 'text'),
  'problem.closed': (of) => `closed it: ${word(of, 'resolution')}`,
};

/** One sentence for each event, the first at first. */
export const problemTimelineText = ({ items }: { items: readonly Event[] }): string =>
  table(
    ['at', 'who', 'what', 'why'],
    items
      .filter(({ action }) => !bookkeeping.test(action))
      .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
      .map(({ at, actor, action, reason, detail = {} }) => [
        when(at),
        plain(actor.name),
        plain(sentences[action]?.(detail) ?? action.replace('.', ': ').replaceAll('-', ' ')),
        plain(reason ?? ''),
      ]),
    'nothing has happened',
  );

const word = (of: Detail, name: string): string => {
  const value = of[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const inside = (of: Detail, name: string, field: string): string => {
  const value = of[name];
  return typeof value === 'object' && value !== null ? word(value as Detail, field) : '';
};
