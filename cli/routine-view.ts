import type { RoutineDetail } from '../api/routes/routine/index.ts';
import type { OrderedRoutine } from '../api/routes/routine/ask.ts';
import type { DueTime } from '../api/routes/routine/outlook.ts';
import type { ShownRoutine } from '../api/routes/routine/shown.ts';
import type { ServiceCoverage } from '../domain/routine/coverage.ts';
import type { RoutineRun } from '../domain/routine/run.ts';
import { facts, plain, short, status, table, when } from './print.ts';

const pausedText = ({ paused }: Pick<ShownRoutine, 'paused'>): string =>
  paused === null ? '' : paused.by === null ? plain(paused.reason) : `by ${plain(paused.by)}: ${plain(paused.reason)}`;

const lastText = ({ last }: Pick<ShownRoutine, 'last'>): string =>
  last === null ? '' : `${status(last.status)}, due ${when(last.dueAt)}`;

export const routinesText = (routines: readonly ShownRoutine[]): string =>
  table(
    ['routine', 'team', 'does', 'next', 'last', 'paused'],
    routines.map((routine) => [
      routine.name,
      routine.team,
      routine.kind,
      when(routine.nextDueAt),
      lastText(routine),
      short(pausedText(routine)),
    ]),
    'no routines',
  );

export const routineText = (routine: RoutineDetail): string =>
  [
    `${plain(routine.name)}: ${plain(routine.description)}`,
    facts([
      ['does', routine.kind],
      ['team', routine.team],
      ['due', `${routine.cron} in ${routine.zone}${routine.jitter === null ? '' : `, spread over ${routine.jitter}`}`],
      ['next', when(routine.nextDueAt)],
      ['last', lastText(routine)],
      ['missed', `${routine.missed}, within ${routine.within}`],
      ['template', routine.template],
      ['services', routine.services.join(', ') || 'none: its runs are skipped'],
      ['environments', routine.environments.join(', ')],
      ['paused', pausedText(routine)],
      [
        'meddled with',
        routine.drift === null
          ? ''
          : `its schedule in Temporal was ${routine.drift.what}, mended ${when(routine.drift.foundAt)}`,
      ],
    ]),
    `What became of each time: evenkeel routine history ${plain(routine.name)}`,
  ].join('\n\n');

export const runsText = (runs: readonly RoutineRun[]): string =>
  table(
    ['due', 'service', 'environment', 'what became of it', 'plan', 'why', 'ordered by'],
    runs.map((run) => [
      when(run.dueAt),
      run.service ?? '',
      run.environment ?? '',
      status(run.status),
      run.plan ?? '',
      short(run.why ?? ''),
      plain(run.orderedBy?.name ?? ''),
    ]),
    'it was not due yet',
  );

export const orderedText = ({ accepted, runs }: OrderedRoutine): string =>
  runs.length === 0 ? `recorded; it begins as soon as it can (evenkeel inbox show ${accepted})` : runsText(runs);

export const timesText = (times: readonly DueTime[]): string =>
  table(
    ['due', 'routine', 'team', 'services', 'environments'],
    times.map(({ dueAt, routine, team, services, environments }) => [
      when(dueAt),
      routine,
      team,
      short(services.join(', ')),
      environments.join(', '),
    ]),
    'nothing is due',
  );

const meanings: Record<ServiceCoverage['coverage'], string> = {
  none: 'no routine does it',
  paused: 'its routines are paused',
  unproven: 'no run has succeeded yet',
  late: 'the last success is too long ago',
  proven: 'proven',
};

/** What is not proven, unless all is asked for. */
export const coverageText = ({ items }: { items: readonly ServiceCoverage[] }, isAll: boolean): string => {
  const shown = items.filter(({ coverage }) => isAll || coverage !== 'proven');
  const proven = items.filter(({ coverage }) => coverage === 'proven').length;
  return [
    table(
      ['service', 'what', 'every', 'coverage', 'last success', 'routines'],
      shown.map(({ service, kind, everyDays, coverage, lastSuccessAt, routines }) => [
        service,
        kind,
        `${everyDays}d`,
        meanings[coverage],
        when(lastSuccessAt),
        routines.join(', '),
      ]),
      items.length === 0 ? 'no services' : 'everything is proven',
    ),
    `${proven} of ${items.length} proven`,
  ].join('\n\n');
};
