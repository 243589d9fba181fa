import { incidentReference } from '../../domain/identifiers.ts';
import type { EscalationTurn } from '../../domain/incident/escalation.rules.ts';
import { nextNode, type Position, roundRobin } from '../../domain/escalation.rules.ts';
import type { Priority, Severity } from '../../domain/severity.ts';
import { responseOf } from '../../domain/severity-policy.ts';
import { isWorking, nextWorking, workingHoursOf } from '../../domain/working-hours.ts';
import type { ActivityPorts } from '../ports.ts';
import { escalationOf } from './escalation.ts';
import { policyOf } from '../../domain/incident/policy.ts';
import { knownIncident } from './known.ts';
import { peopleIn } from './responders.ts';
import { type Page, sendPage, tellChannel } from './send.ts';

interface Ask {
  number: number;
  /** Turns of the escalation so far. */
  round: number;
  severity: Severity;
  priority?: Priority | undefined;
  /** Where the escalation stands; at its beginning, if nowhere. */
  after?: Position | undefined;
  /** The level that was paged last. */
  level?: number | undefined;
  /** By the clock of the workflow, in milliseconds. */
  at: number;
  /** The state of the incident that asks. */
  rev: number;
}

type Ports = Pick<
  ActivityPorts,
  'catalogue' | 'schedules' | 'incidents' | 'insight' | 'problems' | 'outbox' | 'publicUrl'
>;

/**
 * Takes the escalation to its next level, wait or end. Channels are told on the way, and a level with nobody to page is passed at
 * once. By the policy that the incident began with, and by who is on call now.
 */
export async function pageResponders(
  ports: Ports,
  { number, round, severity, priority = 3, after, level, at, rev }: Ask,
): Promise<EscalationTurn> {
  const { catalogue } = ports;
  const known = await knownIncident(ports.incidents, number);
  const { commission, record } = known;
  const facts = { ...commission, ...record };
  const { program, team } = await escalationOf(catalogue, facts);
  const schedule = team?.schedule === undefined ? undefined : await catalogue.find('Schedule', team.schedule);
  const hours = workingHoursOf(team ?? {}, schedule);
  const situation = { severity, priority, isWorkingHours: isWorking(hours, at) };
  const page: Page = {
    number,
    round,
    incident: { ...facts, severity },
    belongsTo: incidentReference(number),
    loop: after?.loop ?? 0,
    level: 0,
    rev,
    at,
  };
  let skipped = 0;
  let position = after;
  let reached = level;
  for (;;) {
    const node = nextNode(program, position, situation);
    if (node.kind === 'exhausted') {
      const people = await peopleIn(node.targets, ports, at);
      const agoMs = await sendPage(ports, { ...page, node: 'exhausted' }, people);
      return { loop: page.loop, paged: people, agoMs, skipped };
    }
    const isNextLoop = node.position.loop !== (position?.loop ?? 0);
    position = node.position;
    const { loop } = position;
    if (node.kind === 'delay') {
      const waitMs = 'forMs' in node.delay ? node.delay.forMs : nextWorking(hours, at) - at;
      return { position, loop, paged: [], waitMs, skipped, ...(reached === undefined ? {} : { level: reached }) };
    }
    if (node.kind === 'notify') {
      await tellChannel(
        ports,
        { ...page, loop, node: node.position.path.join('.') },
        node.channel,
        commission.catalogueRevision,
      );
      continue;
    }
    reached = reached === undefined || isNextLoop ? 0 : reached + 1;
    const all = await peopleIn(node.level.targets, ports, at);
    const people =
      node.level.mode === 'everyone' ? all : [roundRobin(all, number + loop)].flatMap((next) => next ?? []);
    if (people.length === 0) {
      skipped += 1;
      continue;
    }
    const agoMs = await sendPage(ports, { ...page, loop, level: reached, node: node.position.path.join('.') }, people);
    const { acknowledgeWithinMs } = responseOf(await policyOf(catalogue, commission), severity);
    const { timeoutMs = acknowledgeWithinMs, acknowledgements } = node.level;
    return { position, loop, level: reached, paged: people, agoMs, waitMs: timeoutMs, skipped, acknowledgements };
  }
}
