import { held, listed, type Part, problem, saved, unbound } from './ledger.ts';

const ofIncident: Part = ({ incident }, ledger) => {
  const { entries, record } = ledger;
  const accepted = entries.find(({ action }) => action === 'incident.accepted');
  if (!accepted) return problem(`${record}: the ledger does not say that it was accepted`);
  if (!incident) return unbound('not there yet');
  if (accepted.detail?.['team'] !== incident.team || record !== `incident/${incident.number}`)
    return problem(`${record}: it is another one than was accepted`);
  return saved(`${record} (${incident.status})`, incident, ledger);
};

/** Alerts change after their incident is over, and their evidence is kept for some days: no entry holds them. */
const ofAlerts: Part = ({ alerts = [] }) =>
  alerts.flatMap(() => unbound('as its source told of it; what was sent is in the inbox of alerts'));

const ofPublicUpdates = listed(
  'public-update',
  ({ publicUpdates = [] }) => publicUpdates.map((update) => [update.id, update]),
  (id, update, { entries }) =>
    held(
      `public update ${id}`,
      update,
      entries.find(({ subject }) => subject === `public-update/${id}`),
    ),
);

/** The last that each person said. */
const ofRatings = listed(
  'rating',
  ({ incident, ratings = [] }) => ratings.map((rating) => [`${incident?.number}/${rating.person}`, rating]),
  (name, rating, { entries }) =>
    held(
      `rating ${name}`,
      rating,
      entries.findLast(({ subject }) => subject === `rating/${name}`),
    ),
);

/** What the export of an incident has of its own. */
export const partsOfIncident: Record<string, Part> = {
  incident: ofIncident,
  alerts: ofAlerts,
  publicUpdates: ofPublicUpdates,
  ratings: ofRatings,
};
