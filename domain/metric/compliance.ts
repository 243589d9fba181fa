import { incidentReference } from '../identifiers.ts';
import { clocksAt } from '../incident/clock.ts';
import { type Evidence, realOf } from './evidence.ts';
import { type Finding, shareOf } from './finding.ts';

/** Of the incidents with targets that are decided, those that met all of them. */
export const incidentSlaCompliance = ({ incidents, now, termsOf }: Evidence): Finding => {
  const judged = realOf(incidents).map((incident) => {
    const states = clocksAt(incident, termsOf(incident.team), now).map(({ state }) => state);
    return { id: incidentReference(incident.number), states };
  });
  const targeted = judged.filter(({ states }) => states.length > 0);
  const decided = targeted.filter(
    ({ states }) => states.includes('breached') || states.every((state) => state === 'met'),
  );
  return {
    ...shareOf(
      decided.map(({ id, states }) => ({ id, value: Number(!states.includes('breached')) })),
      targeted.length - decided.length,
    ),
    policy: 'by the severity policies as they are now; those whose clocks run still are missing',
  };
};

/** Of the plans that began, those that were completed within the time that they were planned for. */
export const planSlaCompliance = ({ plans }: Evidence): Finding => {
  const begun = plans.filter(({ startedAt }) => startedAt !== undefined);
  const ended = begun.filter(({ endedAt }) => endedAt !== undefined);
  return {
    ...shareOf(
      ended.map(({ id, status, startAt, startedAt, needMs, endedAt }) => ({
        id: `plan/${id}`,
        value: Number(status === 'completed' && endedAt! <= (startAt ?? startedAt!) + needMs),
      })),
      begun.length - ended.length,
    ),
    policy: 'from the planned start on, the planned time of the work and of its undoing',
  };
};

/** Of the corrective actions that were due, those that were done by then. */
export const actionCompliance = ({ incidents, earlier, actions, period, now }: Evidence): Finding => {
  const all = [
    ...[...realOf(earlier), ...realOf(incidents)].flatMap(({ number, actions: ofReview }) =>
      ofReview.map((action, at) => ({ ...action, id: `${incidentReference(number)}/action/${at + 1}` })),
    ),
    ...actions,
  ];
  const end = Math.min(now, period.until);
  const due = all.filter(({ dueOn }) => endOfDay(dueOn) >= period.from && endOfDay(dueOn) < end);
  return shareOf(
    due.map(({ id, dueOn, doneAt }) => ({
      id,
      value: Number(doneAt !== undefined && Date.parse(doneAt) <= endOfDay(dueOn)),
    })),
  );
};

/** The whole day counts. */
const endOfDay = (date: string): number => Date.parse(`${date}T00:00:00Z`) + 86_400_000;
