import { heartbeat } from '@temporalio/activity';
import { lastSlotEnd } from '../../domain/objective/asking.rules.ts';
import { objectiveNamed } from '../../domain/objective/named.ts';
import { lookbacksOf } from '../../domain/objective/evaluate.ts';
import { rulesFor } from '../../domain/objective/wanted.ts';
import { windowAt } from '../../domain/objective/window.ts';
import type { ActivityPorts } from '../ports.ts';
import { notifyOfHolds } from './hold.ts';
import { judge } from './judge.ts';
import { measure } from './measure.ts';

export type ObjectiveActivityPorts = Pick<
  ActivityPorts,
  'catalogue' | 'objectives' | 'observations' | 'plans' | 'outbox' | 'commands' | 'egress' | 'secrets' | 'clock'
>;

const hour = 3_600_000;
const day = 24 * hour;
const keptMs = 95 * day;

/** Objectives are what the catalogue and PostgreSQL say: whoever calls these has them measured once more, and nothing else. */
export const createObjectiveActivities = (ports: ObjectiveActivityPorts) => ({
  /**
   * Asks for the slots of an objective that are missing, so many at a time, and judges how it stands. True: there is more to
   * ask for. `at` is the clock of the workflow, in milliseconds.
   */
  async measureObjective({ objective: name, at }: { objective: string; at: number }): Promise<boolean> {
    const now = ports.clock(at);
    const known = await objectiveNamed(ports.catalogue, name, now);
    if (!known) {
      await retire(ports, name, now);
      return false;
    }
    const { objective, policies } = known;
    // What cannot be asked for now keeps its alerts and its holds: nobody has taken the promise back.
    if (!objective) return false;
    const rules = policies.flatMap((policy) => rulesFor(policy, objective).map(([, rule]) => rule));
    const lookbacks = lookbacksOf(objective, rules);
    const end = lastSlotEnd(now, objective.slotMs);
    const oldest = Math.min(windowAt(objective.window, end).from, end - Math.max(...lookbacks));
    const from = Math.floor(oldest / objective.slotMs) * objective.slotMs;
    const { isBehind, trouble } = await measure(ports, objective, { from, end }, heartbeat);
    // Once an hour is often enough: after the slot that begins one.
    if (end % hour < objective.slotMs) await ports.objectives.prune(objective.series, Math.min(from, now - keptMs));
    const turned = await judge(ports, { objective, policies, rules, lookbacks, trouble, now, end });
    await notifyOfHolds(ports, objective, turned);
    return isBehind;
  },
});

/** What is in no document any more alerts nobody and holds nothing up. */
const retire = async (ports: ObjectiveActivityPorts, name: string, now: number): Promise<void> => {
  const place = (await ports.objectives.unsettled()).find(({ objective }) => objective === name);
  const gone = place ?? { objective: name, service: '', team: '' };
  await ports.objectives.settle(gone, undefined, [], now);
  if (place) await notifyOfHolds(ports, place, await ports.objectives.settleHolds(place, [], now));
};
