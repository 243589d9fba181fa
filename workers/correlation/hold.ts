import type { Alert } from '../../domain/alert.ts';
import { type Correlated, findInhibited, isCause, type Spec } from '../../domain/alert/inhibition.ts';
import { findTooFew } from '../../domain/alert/threshold.ts';
import { isOpenAt } from '../../domain/calendar.ts';
import { firingOfKeys, openlyFiringOf } from '../../storage/alert.ts';
import { lockByKey } from '../../storage/incident/key.ts';
import { plansUnderWay } from '../../storage/operation-plan.ts';
import type { Database } from '../../storage/database.ts';
import type { CorrelationCatalogue } from './catalogue.ts';
import { inTurn } from './in-turn.ts';

/**
 * What keeps alerts from opening an incident, by fingerprint: work that is known of in their place, an alert that explains them,
 * or that there are too few of them. They are looked at again for as long as they fire.
 */
export const findHolds = async (
  tx: Database,
  correlated: readonly Correlated[],
  catalogue: CorrelationCatalogue,
  { at, isTaken }: { at: string; isTaken: (alert: Alert) => boolean },
): Promise<Map<string, string>> => {
  const holds = new Map<string, string>();
  if (correlated.length === 0) return holds;
  const hold = (alert: Alert, by: string | undefined): void =>
    void (by !== undefined && holds.set(alert.fingerprint, by));
  const workOf = await findWork(tx, catalogue, at);
  for (const { alert } of correlated) hold(alert, workOf(alert));
  const free = (): Correlated[] => correlated.filter(({ alert }) => !holds.has(alert.fingerprint));
  await holdTooFew(tx, free(), at, (alert, by) => {
    // One that an incident takes is not too few.
    if (!isTaken(alert)) hold(alert, by);
  });
  await holdInhibited(tx, correlated, free(), hold);
  return holds;
};

type Hold = (alert: Alert, by: string | undefined) => void;

/** A plan that runs in the place of an alert, or a maintenance window that says so. */
const findWork = async (
  tx: Database,
  { windows }: CorrelationCatalogue,
  at: string,
): Promise<(alert: Alert) => string | undefined> => {
  const plans = await plansUnderWay(tx);
  const open = windows.filter(({ spec }) => isOpenAt(spec, Date.parse(at)));
  return ({ service, environment }) => {
    const plan = plans.find((place) => place.service === service && place.environment === environment);
    if (plan) return plan.reference;
    const window = open.find(
      ({ spec: { silences } }) =>
        silences !== undefined &&
        (silences.services === undefined || (service !== null && silences.services.includes(service))) &&
        (silences.environments === undefined || (environment !== null && silences.environments.includes(environment))),
    );
    return window && `window/${window.name}`;
  };
};

/** Only what is not held itself explains another, so the other holds come first. */
const holdInhibited = async (
  tx: Database,
  correlated: readonly Correlated[],
  free: readonly Correlated[],
  hold: Hold,
): Promise<void> => {
  const inhibitable = free.filter(({ correlation }) => correlation.rule.spec.inhibitedBy !== undefined);
  const teams = [...new Set(inhibitable.map(({ alert }) => alert.team))];
  if (teams.length === 0) return;
  const here = new Set(correlated.map(({ alert }) => alert.fingerprint));
  const others = (await openlyFiringOf(tx, teams)).filter(({ fingerprint }) => !here.has(fingerprint));
  const firing = [...others, ...free.map(({ alert }) => alert)];
  const causes = new Map<Spec, ReadonlySet<string>>();
  for (const spec of new Set(inhibitable.map(({ correlation }) => correlation.rule.spec))) {
    const found = await inTurn(firing, (alert) => (isCause(alert, spec) ? [alert.fingerprint] : []));
    causes.set(spec, new Set(found.flat()));
  }
  const inhibited = findInhibited(inhibitable, firing, causes);
  for (const { alert } of inhibitable) {
    const cause = inhibited.get(alert.fingerprint);
    hold(alert, cause && `alert/${cause}`);
  }
};

const holdTooFew = async (tx: Database, correlated: readonly Correlated[], at: string, hold: Hold): Promise<void> => {
  const limited = correlated.filter(({ correlation }) => correlation.rule.spec.threshold !== undefined);
  if (limited.length === 0) return;
  const keys = [...new Set(limited.map(({ correlation }) => correlation.key))];
  const firing = await firingOfKeys(tx, keys);
  const known = await lockByKey(tx, keys);
  const tooFew = findTooFew(limited, firing, at);
  for (const { alert, correlation } of limited) {
    // One more of what is worked on is not too few.
    const count = known.get(correlation.key)?.isOpen ? undefined : tooFew.get(alert.fingerprint);
    hold(alert, count === undefined ? undefined : `threshold/${count}`);
  }
};
