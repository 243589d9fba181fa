import { evenkeel } from '../../domain/actor.rules.ts';
import { DomainError } from '../../domain/errors.ts';
import { patternsIn, problemFindingOf } from '../../domain/pattern/finding.ts';
import { gatherPatternEvidence } from '../../domain/pattern/gathering.ts';
import { patternsOrderedEntry } from '../../domain/pattern/ordered.ts';
import { findingArrival } from '../../domain/problem/feeding.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'observations' | 'patternEvidence' | 'patternRuns' | 'clock'>;

const dayMs = 86_400_000;
/** What came in four weeks is looked at each day. */
const dailyMs = 28 * dayMs;

/** Runs are what PostgreSQL says that was ordered: whoever calls these has them found once, and nothing else. */
export const createPatternActivities = (ports: Ports) => {
  const { patternRuns, catalogue } = ports;
  return {
    /** Orders the run of the day, once: of everything, and problems open of what it finds. */
    async orderDailyPatterns({ at }: { at: number }): Promise<string> {
      const now = ports.clock(at);
      const until = now - (now % dayMs);
      const order = {
        scope: {},
        period: { from: new Date(until - dailyMs).toISOString(), until: new Date(until).toISOString() },
        opens: true,
        orderedBy: evenkeel,
        orderedAt: new Date(now).toISOString(),
      };
      return patternRuns.open(`daily/${order.period.until}`, order, (id) => patternsOrderedEntry({ ...order, id }));
    },

    /** Finds what keeps happening and keeps it, once; where the run opens problems, what was found is on its way to them. */
    async findPatterns({ run: id, at }: { run: string; at: number }): Promise<void> {
      const commission = await patternRuns.commission(id);
      if (!commission) throw new DomainError('not-found', `there is no pattern run ${id}`);
      if (await patternRuns.find(id)) return;
      const found = patternsIn(
        await gatherPatternEvidence(ports, commission.scope, commission.period, Date.parse(commission.orderedAt)),
      );
      const run = { ...commission, ...found, foundAt: new Date(ports.clock(at)).toISOString() };
      const teams = await catalogue.list('Team');
      const policies = await catalogue.list('ProblemPolicy');
      const isOpening = (team: string, rule: (typeof found.patterns)[number]['rule']): boolean => {
        const name = teams.find((each) => each.name === team)?.spec.problemPolicy;
        const policy = policies.find((each) => each.name === name)?.spec;
        return policy === undefined || policy.rules.includes(rule);
      };
      const telling = commission.opens ? found.patterns.filter(({ team, rule }) => isOpening(team, rule)) : [];
      await patternRuns.write(
        run,
        telling.map((pattern) => {
          const { finding, found: by } = problemFindingOf(pattern);
          return findingArrival(finding, by);
        }),
      );
    },
  };
};
