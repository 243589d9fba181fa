import { incidentReference } from '../identifiers.ts';
import { Restorer } from '../incident.ts';
import { median } from '../statistics/percentile.rules.ts';
import { type Evidence, minutesBetween, realOf } from './evidence.ts';
import { type Finding, inconclusive, inputsOf, partsOf, shareOf } from './finding.ts';
import { Automation } from './observation.ts';

/** Of what was restored, what no person restored; what healed by itself is a class of its own, and no success of automation. */
export const incidentAutomation = ({ incidents }: Evidence): Finding => {
  const restored = inputsOf(realOf(incidents), ({ number, restoredBy }) =>
    restoredBy === undefined
      ? undefined
      : { id: incidentReference(number), class: restoredBy, value: Number(restoredBy === 'automation') },
  );
  const share = shareOf(restored);
  return { ...share, parts: partsOf(share.inputs, Restorer.options) };
};

/** Of activities that were done, those that no person executed; an approval does not make one manual. */
export const activityAutomation = ({ plans }: Evidence): Finding => {
  const share = shareOf(
    plans.flatMap(({ id, activities }) =>
      activities.map(({ name, by }) => ({ id: `plan/${id}/${name}`, class: by, value: Number(by !== 'manual') })),
    ),
  );
  return { ...share, parts: partsOf(share.inputs, Automation.options) };
};

/** Work that comes again so often is repetitive. */
const fewestRepeats = 3;

interface Work {
  what: string;
  minutes: number | undefined;
}

/**
 * Hours of manual work that repeats, of all working hours: for each kind of it, how often it came times its median handling time. What
 * repeats is a task of the same title, or a restoration by hand for the same key of alerts.
 */
export const toilShare = ({ plans, incidents, workedMinutes }: Evidence): Finding => {
  const work: Work[] = [
    ...plans.flatMap(({ tasks }) => tasks.map(({ title, minutes }) => ({ what: `task: ${title}`, minutes }))),
    ...realOf(incidents).flatMap(({ key, restoredBy, acknowledgedAt, restoredAt }) =>
      key === undefined || restoredBy !== 'person'
        ? []
        : [{ what: `restoration: ${key}`, minutes: minutesBetween(acknowledgedAt, restoredAt) }],
    ),
  ];
  const kinds = [...Map.groupBy(work, ({ what }) => what)].flatMap(([what, cases]) => {
    const each = median(cases.flatMap(({ minutes }) => minutes ?? []));
    return cases.length < fewestRepeats || each === undefined ? [] : [{ id: what, value: cases.length * each }];
  });
  const toil = kinds.reduce((sum, { value }) => sum + value, 0);
  if (workedMinutes === 0)
    return { ...inconclusive('no working hours are known', kinds.length), numerator: toil, inputs: kinds };
  return {
    value: toil / workedMinutes,
    numerator: toil,
    denominator: workedMinutes,
    n: kinds.length,
    missing: 0,
    policy: `manual work of one kind that came at least ${fewestRepeats} times, its count times its median handling time`,
    inputs: kinds.toSorted((a, b) => b.value - a.value || (a.id < b.id ? -1 : 1)),
  };
};
