import { patternRunReference } from '../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../domain/inbox.ts';
import type { PatternOrder } from '../domain/pattern.ts';
import { patternsOrderedEntry } from '../domain/pattern/ordered.ts';
import type { PatternRunStore } from '../domain/pattern/ports.ts';
import { type PatternsInput, patternsWorkflowType } from '../workflows/pattern.messages.ts';
import { startOnce, type StartPorts } from './start-once.ts';

export interface PatternRunPorts extends StartPorts {
  patternRuns: Pick<PatternRunStore, 'open'>;
}

/** Opens each run that somebody has asked for, once for each row, and starts its workflow. */
export async function deliverPatternOrders(
  { id, actor, receivedAt, team }: InboxRow,
  orders: readonly PatternOrder[],
  ports: PatternRunPorts,
): Promise<Delivered> {
  const records = [];
  for (const [at, ordered] of orders.entries()) {
    const order = { ...ordered, orderedBy: actor, orderedAt: receivedAt, ...(team && { team }) };
    const run = await ports.patternRuns.open(`${id}/${at}`, order, (of) => patternsOrderedEntry({ ...order, id: of }));
    const belongsTo = patternRunReference(run);
    const input: PatternsInput = { workflowId: belongsTo, run };
    await startOnce(ports, { type: patternsWorkflowType, belongsTo, input });
    records.push(belongsTo);
  }
  return { state: 'delivered', verdict: { records } };
}
