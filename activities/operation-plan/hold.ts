import type { PlanContent } from '../../domain/operation-plan/content.ts';
import type { ActivityPorts } from '../ports.ts';
import type { Hold } from '../record-kind.ts';
import { slotOf } from '../../domain/operation-plan/slot.ts';

/** Whoever ends a freeze says so to those who are held; this is for what nobody hears. */
const lookAgainMs = 3_600_000;

/** An emergency freeze of the place. Undefined: it is not frozen. */
export async function freezeOf(
  { freezes }: Pick<ActivityPorts, 'freezes'>,
  { service, environment }: Pick<PlanContent, 'service' | 'environment'>,
  now: number,
): Promise<Hold | undefined> {
  const [freeze] = await freezes.active(service, environment);
  if (!freeze) return undefined;
  const why = `frozen by ${freeze.startedBy.name} until ${freeze.until}: ${freeze.reason}`;
  return { why, until: Math.max(now + 1_000, Math.min(now + lookAgainMs, Date.parse(freeze.until))) };
}

/** A freeze, or a maintenance window that is closed. Undefined: it may begin. */
export async function holdOf(
  ports: Pick<ActivityPorts, 'catalogue' | 'freezes'>,
  content: Pick<PlanContent, 'service' | 'environment' | 'window' | 'catalogueRevision'>,
  now: number,
): Promise<Hold | undefined> {
  const frozen = await freezeOf(ports, content, now);
  if (frozen) return frozen;
  const slot = await slotOf(ports, content, now, 0);
  if ('none' in slot) return { why: slot.none, until: now + 3_600_000 };
  if (slot.startAt <= now) return undefined;
  return {
    why: `${content.window} is closed until ${new Date(slot.startAt).toISOString()}`,
    until: slot.startAt,
  };
}
