import type { Actor } from '../actor.ts';
import { DomainError } from '../errors.ts';
import type { Incident, IncidentIn, IncidentTiming } from '../incident.ts';
import type { IncidentCommand } from './ask.ts';
import type { Review } from './review.ts';
import { after, notNow, responseTo } from './record.rules.ts';

const dayMs = 86_400_000;
/** A restoration that took longer is reviewed, whatever its severity but the least two. */
const longMs = 4 * 3_600_000;
const usualWithinMs = 7 * dayMs;

/** Why an incident is reviewed; undefined where nothing asks for it. */
export const reviewReason = (incident: Incident, timing: IncidentTiming): string | undefined => {
  const { severity, open, detectedBy, kind } = incident;
  if (kind === 'backfilled') return undefined;
  if (responseTo(incident, timing).reviewWithinMs !== undefined) return `${severity} is always reviewed`;
  if (severity === 'SEV-4' || severity === 'SEV-5') return undefined;
  const feltMs = open.reduce((sum, { from, until = from }) => sum + Date.parse(until) - Date.parse(from), 0);
  if (feltMs > longMs) return `it took ${Math.round(feltMs / 3_600_000)} hours`;
  return detectedBy.by === 'person' && incident.alerts.total === 0 && severity !== 'SEV-3'
    ? 'people found it before the monitoring did'
    : undefined;
};

/** Opens its review, with what is known filled in. */
export const openReview = (
  incident: IncidentIn<'resolved'>,
  because: string,
  at: string,
  timing: IncidentTiming,
): IncidentIn<'review'> => {
  const { resolution, times, open, alerts, detectedBy, strategy } = incident;
  const { reviewWithinMs = usualWithinMs } = responseTo(incident, timing);
  // What was written before it was reopened goes on.
  const before = incident.review;
  const felt = open.map(({ from, until }) => `${from} to ${until ?? 'now'}`).join(', ');
  const noticed =
    detectedBy.by === 'alert'
      ? `an alert of ${detectedBy.source}`
      : detectedBy.by === 'person'
        ? detectedBy.name
        : `plan ${detectedBy.plan}`;
  return {
    ...incident,
    status: 'review',
    review: {
      because,
      dueAt: after(at, reviewWithinMs),
      version: (before?.version ?? 0) + 1,
      status: 'draft',
      document: before?.document ?? {
        ...(incident.roles.commander === undefined ? {} : { owner: incident.roles.commander }),
        overview: incident.title,
        happened: '',
        impact: `Felt ${felt}.`,
        trigger: '',
        detection: `Noticed by ${noticed} at ${incident.detectedAt}; ${alerts.total} alerts; acknowledged at ${times.acknowledgedAt ?? 'no time'}.`,
        resolution: [strategy, resolution.solution].filter((part) => part !== undefined).join(': '),
        factors: [],
        wentWell: [],
        wentBadly: [],
        lucky: [],
        actions: [],
      },
      authors: before?.authors ?? [],
      chased: 0,
    },
  };
};

export const requestReview = (
  incident: Incident,
  { reason, at }: IncidentCommand<'request-review'>,
  timing: IncidentTiming,
): Incident => {
  if (incident.status !== 'resolved') throw notNow(incident, 'only what is resolved is reviewed');
  return openReview(incident, reason, at, timing);
};

/** Takes what was written; actions keep what became of them. */
export const writeReview = (
  incident: Incident,
  { document, version, by }: IncidentCommand<'write-review'>,
): Incident => {
  const { review } = reviewed(incident);
  if (review.status === 'reviewed') throw notNow(incident, 'its review is signed');
  if (version !== review.version)
    throw new DomainError(
      'conflict',
      `the review is at version ${review.version}, and this was made from ${version}: read it again, and put your changes into it`,
      'version',
    );
  const actions = document.actions.map((action) => {
    const before = review.document.actions.find(({ text }) => text === action.text);
    return {
      ...action,
      chased: before?.chased ?? 0,
      ...(before?.doneAt === undefined ? {} : { doneAt: before.doneAt }),
    };
  });
  const owner = document.owner ?? review.document.owner ?? by.name;
  const authors = [...new Set([...review.authors, ...handsOf(by)])];
  const next = {
    status: 'in-review',
    version: version + 1,
    document: { ...document, owner, actions },
    authors,
  } as const;
  return { ...incident, review: { ...review, ...next } };
};

/** Somebody who has not written it agrees that it is complete: the incident is closed, and its actions are chased. */
export const signReview = (incident: Incident, { by, at }: IncidentCommand<'sign-review'>): IncidentIn<'closed'> => {
  const { review } = reviewed(incident);
  if (incident.status !== 'review' || review.status !== 'in-review')
    throw notNow(incident, 'nothing is there to be signed');
  const { document, authors } = review;
  if (handsOf(by).some((hand) => authors.includes(hand)))
    throw new DomainError('not-allowed', 'whoever has written a review does not sign it: somebody else does');
  const missing = [
    ...(document.factors.length === 0 ? ['contributing factors'] : []),
    ...(document.overview === '' ? ['an overview'] : []),
  ];
  if (missing.length > 0) throw new DomainError('conflict', `the review has no ${missing.join(' and no ')}`);
  return {
    ...incident,
    status: 'closed',
    review: { ...review, status: 'reviewed', signedBy: by.name, signedAt: at },
    endedAt: at,
    outcome: incident.resolution.solution,
  };
};

/** Whose hands may be behind what somebody does: their own, and those of whoever lent them the token. */
const handsOf = (actor: Actor): string[] => [
  actor.name,
  ...('lentBy' in actor && actor.lentBy !== undefined ? [actor.lentBy] : []),
];

export const completeAction = (
  incident: Incident,
  { action, note, at }: IncidentCommand<'complete-action'>,
): Incident => {
  const { review } = reviewed(incident);
  const found = review.document.actions[action - 1];
  if (!found) throw new DomainError('not-found', `its review has no action ${action}`, 'action');
  if (found.doneAt !== undefined) throw notNow(incident, `action ${action} is done`);
  return withAction(incident, review, action - 1, { doneAt: at, note });
};

/** When the next reminder of its review, or of one of its actions, is due. */
export const nextChase = (incident: Incident): { of: 'review' | number; at: number } | undefined => {
  const { review } = incident;
  if (!review) return undefined;
  const ofReview =
    review.status === 'reviewed'
      ? []
      : [{ of: 'review' as const, at: Date.parse(review.dueAt) + (review.chased - 1) * dayMs }];
  const ofActions =
    review.status === 'reviewed'
      ? review.document.actions.flatMap(({ dueOn, doneAt, chased }, index) =>
          doneAt === undefined ? [{ of: index, at: Date.parse(`${dueOn}T09:00:00Z`) + chased * 7 * dayMs }] : [],
        )
      : [];
  return [...ofReview, ...ofActions].reduce<{ of: 'review' | number; at: number } | undefined>(
    (first, next) => (first && first.at <= next.at ? first : next),
    undefined,
  );
};

export const chased = (incident: Incident, of: 'review' | number): Incident => {
  const { review } = reviewed(incident);
  if (of === 'review') return { ...incident, review: { ...review, chased: review.chased + 1 } };
  const { chased: before = 0 } = review.document.actions[of] ?? {};
  return withAction(incident, review, of, { chased: before + 1 });
};

type Change = Partial<Review['document']['actions'][number]>;

const withAction = (incident: Incident, review: Review, index: number, change: Change): Incident => {
  const actions = review.document.actions.map((action, at) => (at === index ? { ...action, ...change } : action));
  return { ...incident, review: { ...review, document: { ...review.document, actions } } };
};

const reviewed = (incident: Incident): { review: Review } => {
  if (!incident.review) throw notNow(incident, 'it is not reviewed');
  return { review: incident.review };
};
