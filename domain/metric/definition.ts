import type { MetricName, Unit } from '../metric.ts';
import {
  alertCompression,
  alertDeduplication,
  alertPrecision,
  alertRecall,
  detectionCoverage,
  monitoringCoverage,
} from './alert.ts';
import { activityAutomation, incidentAutomation, toilShare } from './automation.ts';
import { availability, mtbf, mtbsi, mtrs } from './availability.ts';
import {
  confirmedFailureRate,
  deploymentFrequency,
  deploymentLeadTime,
  failedDeploymentRecovery,
  suspectedFailureRate,
} from './change.ts';
import { actionCompliance, incidentSlaCompliance, planSlaCompliance } from './compliance.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { customerImpactingIncidents, impactedUserMinutes, satisfaction } from './impact.ts';
import { outOfHoursPages, pageCompliance, pagesPerShift } from './on-call.ts';
import { availabilityByRequests, availabilityBySlices } from './measured.ts';
import { mtta, mttd, mttm, mttn, mttrRepair, mttrResolve, mttrRespond, mttrRestore } from './response.ts';
import { handBackRate, incidentTrend, incidentVolume, reopenRate, repeatRate } from './volume.ts';

export interface Definition {
  /** Grows when the same evidence would give another figure. */
  version: number;
  unit: Unit;
  /** Which way is better; neither, where it only describes. */
  better: 'higher' | 'lower' | 'neither';
  meaning: string;
  /** When it says something else than it seems to. */
  misleads: string;
  compute: (evidence: Evidence) => Finding;
}

const define = (
  unit: Unit,
  better: Definition['better'],
  compute: Definition['compute'],
  meaning: string,
  misleads: string,
): Definition => ({ version: 1, unit, better, compute, meaning, misleads });

const mean = 'A mean of durations follows its largest: read the median and the interval beside it.';

/** What each metric is, and how it is computed. */
export const definitions: Record<MetricName, Definition> = {
  availability: define(
    'share',
    'higher',
    availability,
    'Agreed service time in which users had the service, by the incidents that they felt.',
    'It knows what incidents say: an outage that nobody noticed is up, and the weights of partial outages are a choice.',
  ),
  'availability-requests': define(
    'share',
    'higher',
    availabilityByRequests,
    'Good requests of all, as the objectives of the service counted them.',
    'It knows the requests that arrived: while nobody could reach the service, there were none.',
  ),
  'availability-slices': define(
    'share',
    'higher',
    availabilityBySlices,
    'Good slices of time of all, as the objectives of the service counted them.',
    'A slice is good or bad as a whole: a short outage can cost a long slice, or none.',
  ),
  mtrs: define(
    'minutes',
    'lower',
    mtrs,
    'Mean time to restore service: down time for all, by failure.',
    'Few failures: one long one decides it.',
  ),
  mtbf: define(
    'minutes',
    'higher',
    mtbf,
    'Mean time between failures: up time, by failure.',
    'Nothing failed means longer than the period, not for ever.',
  ),
  mtbsi: define(
    'minutes',
    'higher',
    mtbsi,
    'Mean time between service incidents, from the start of one to the start of the next: MTBF and MTRS together.',
    'Others count from the end; compare only what is counted alike.',
  ),
  'incident-volume': define(
    'count',
    'lower',
    incidentVolume,
    'Incidents that were detected, by severity; without drills, duplicates and what was none.',
    'Better monitoring finds more: volume may grow while users feel less.',
  ),
  'incident-trend': define(
    'per-week',
    'lower',
    incidentTrend,
    'Whether the number of incidents is rising: Theil-Sen slope with a Mann-Kendall test.',
    'Without p < 0.05 there is no trend, whatever the slope.',
  ),
  mttd: define(
    'minutes',
    'lower',
    mttd,
    'From impact to detection. Detected before users felt it counts as 0.',
    'It needs to be known since when users felt it; where nobody says, the case is missing.',
  ),
  mttn: define(
    'minutes',
    'lower',
    mttn,
    'From detection to the first page.',
    'What pages nobody is missing, not fast.',
  ),
  mtta: define(
    'minutes',
    'lower',
    mtta,
    'From the first page to the acknowledgement.',
    'What was never acknowledged is missing: read how many.',
  ),
  mttm: define('minutes', 'lower', mttm, 'From impact to mitigation.', mean),
  'mttr-restore': define(
    'minutes',
    'lower',
    mttrRestore,
    'From impact to restoration; of one that was reopened, the times together.',
    `${mean} What lasts still is not in it: the median that counts it stands beside it.`,
  ),
  'mttr-resolve': define('minutes', 'lower', mttrResolve, 'From impact to resolution.', mean),
  'mttr-repair': define('minutes', 'lower', mttrRepair, 'From acknowledgement to restoration.', mean),
  'mttr-respond': define('minutes', 'lower', mttrRespond, 'From detection to restoration.', mean),
  'repeat-rate': define(
    'share',
    'lower',
    repeatRate,
    'Incidents that are an earlier one again within 30 days.',
    'Titles that always say the same make different things the same: `evenkeel incident not-similar` parts them.',
  ),
  'reopen-rate': define(
    'share',
    'lower',
    reopenRate,
    'Of resolved incidents, those that were opened again.',
    'What comes back later than the window of its policy is another incident.',
  ),
  'hand-back-rate': define(
    'share',
    'lower',
    handBackRate,
    'Of assigned incidents, those that came back to somebody who had given them away.',
    'Turns of one rota look like it.',
  ),
  'incident-automation': define(
    'share',
    'higher',
    incidentAutomation,
    'Of restored incidents, those that a runbook restored.',
    'What healed by itself is no success of automation, and has a class of its own.',
  ),
  'activity-automation': define(
    'share',
    'higher',
    activityAutomation,
    'Of activities that were done, those that no person executed: autonomous, or after an approval.',
    'Activities are of different size.',
  ),
  'toil-share': define(
    'share',
    'lower',
    toilShare,
    'Manual work that repeats, of the working hours of the team.',
    'How long a task was open is not how long somebody worked on it: an upper limit.',
  ),
  'deployment-frequency': define(
    'per-day',
    'higher',
    deploymentFrequency,
    'Deployments to production, by day.',
    'Small and many is not the same as useful.',
  ),
  'deployment-lead-time': define(
    'minutes',
    'lower',
    deploymentLeadTime,
    'Median time from commit to production.',
    'Only deployments whose sender says when it was committed count.',
  ),
  'change-failure-rate-confirmed': define(
    'share',
    'lower',
    confirmedFailureRate,
    'Deployments to production that failed, were undone or rolled back, or had an incident opened for them.',
    'What nobody linked is not in it: read the suspected rate beside it.',
  ),
  'change-failure-rate-suspected': define(
    'share',
    'lower',
    suspectedFailureRate,
    'Confirmed ones, and the last deployment before an incident of the service or of what depends on it.',
    'Close in time is not the cause: an upper limit.',
  ),
  'failed-deployment-recovery': define(
    'minutes',
    'lower',
    failedDeploymentRecovery,
    'Median time from a deployment that failed to its recovery.',
    'Usually few cases: the values themselves say more.',
  ),
  'pages-per-shift': define(
    'per-shift',
    'lower',
    pagesPerShift,
    'Pages of people in 12 hours.',
    'A mean hides the one bad night.',
  ),
  'out-of-hours-pages': define(
    'share',
    'lower',
    outOfHoursPages,
    'Of the pages, those outside of the working hours of the team.',
    'Who works in shifts has other hours.',
  ),
  'page-compliance': define(
    'share',
    'higher',
    pageCompliance,
    'Pages whose incident was acknowledged within the time of its severity.',
    'Acknowledged is not worked on.',
  ),
  'alert-precision': define(
    'share',
    'higher',
    alertPrecision,
    'Of alerts that opened incidents, those on which somebody had to act.',
    'Alerts that open no incident are not judged.',
  ),
  'alert-recall': define(
    'share',
    'higher',
    alertRecall,
    'Of incidents, those that an alert came before.',
    'Incidents that nobody noticed are not known.',
  ),
  'alert-compression': define(
    'share',
    'higher',
    alertCompression,
    'How many alerts became one incident: 1 - incidents / alerts.',
    'A storm makes it look good.',
  ),
  'alert-deduplication': define(
    'share',
    'higher',
    alertDeduplication,
    'How many events told of one alert: 1 - alerts / events.',
    'A source that repeats itself makes it look good.',
  ),
  'detection-coverage': define(
    'share',
    'higher',
    detectionCoverage,
    'Of incidents, those that monitoring noticed, and not a person.',
    'What nobody noticed is not known.',
  ),
  'monitoring-coverage': define(
    'share',
    'higher',
    monitoringCoverage,
    'Of services, those that are watched by signals that are all fresh.',
    'That something is watched does not say that it is enough.',
  ),
  'customer-impacting-incidents': define(
    'count',
    'lower',
    customerImpactingIncidents,
    'Incidents that users felt.',
    'Where nobody says how many users, the severity stands for it.',
  ),
  'impacted-user-minutes': define(
    'user-minutes',
    'lower',
    impactedUserMinutes,
    'Users times the minutes for which they felt incidents.',
    'Unknown is not none: read how many are missing.',
  ),
  satisfaction: define(
    'score',
    'higher',
    satisfaction,
    'What people think of how incidents were handled, from 1 (poor) to 5 (good).',
    'Who rates is not who suffered.',
  ),
  'incident-sla-compliance': define(
    'share',
    'higher',
    incidentSlaCompliance,
    'Of incidents with targets, those that were owned and resolved in time.',
    'Clocks that run still are not decided.',
  ),
  'plan-sla-compliance': define(
    'share',
    'higher',
    planSlaCompliance,
    'Of plans that began, those that were completed in the time that they were planned for.',
    'A generous plan is easily kept.',
  ),
  'action-compliance': define(
    'share',
    'higher',
    actionCompliance,
    'Of corrective actions that were due, those that were done by then.',
    'Done is not effective.',
  ),
};
