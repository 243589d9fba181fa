import { setTimeout } from 'node:timers/promises';
import { ApplicationFailure, type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { kindOf } from '../domain/identifiers.ts';
import type { Delivered, Facts, InboxRow } from '../domain/inbox.ts';
import type { Reference } from '../domain/reference.ts';
import { isUnavailable } from '../storage/database.ts';
import type { InboxStore } from '../storage/inbox.ts';
import type { RecordRow, RecordStore } from '../storage/record.ts';
import { isReceiptOf, isRefusalOfCommand } from '../domain/receipt.rules.ts';
import { type RecordUpdates, recordUpdates, takes } from '../workflows/record.messages.ts';
import { deliverDeployments, type DeploymentPorts } from './deployment/index.ts';
import { deliverGates } from './deployment/gate.ts';
import { type DeclarationPorts, deliverDeclarations } from './incident/declare.ts';
import { deliverFindings } from './problem/find.ts';
import { deliverProblems, type ProblemPorts } from './problem/open.ts';
import { deliverPatternOrders, type PatternRunPorts } from './order-patterns.ts';
import { deliverRequests } from './request.ts';
import { deliverSupplierPlans } from './supplier.ts';
import { deliverTransitions } from './transition.ts';
import { deliverReports, type ReportPorts } from './order-report.ts';
import { deliverRoutineRuns, type RoutinePorts } from './routine/open.ts';
import { createForesight, type Foresight } from './deployment/place.ts';
import { grpcCode } from './temporal.ts';

export interface DeliveryPorts
  extends DeploymentPorts, DeclarationPorts, ProblemPorts, PatternRunPorts, ReportPorts, RoutinePorts {
  inbox: InboxStore;
  records: RecordStore;
  /** Which updates each kind of record takes. */
  updates?: RecordUpdates;
}

/** Each family of facts has who delivers it. */
const deliverFacts = (row: InboxRow, content: Facts, ports: DeliveryPorts): Promise<Delivered> => {
  switch (content.family) {
    case 'deployment':
      return deliverDeployments(row, content.facts, ports);
    case 'transition':
      return deliverTransitions(row, content.facts, ports);
    case 'supplier':
      return deliverSupplierPlans(row, content.facts, ports);
    case 'request':
      return deliverRequests(row, content.facts, ports);
    case 'gate':
      return deliverGates(row, content.facts, ports);
    case 'incident':
      return deliverDeclarations(row, content.facts, ports);
    case 'problem':
      return deliverProblems(row, content.facts, ports);
    case 'pattern':
      return deliverFindings(row, content.facts, ports);
    case 'pattern-run':
      return deliverPatternOrders(row, content.facts, ports);
    case 'routine':
      return deliverRoutineRuns(row, content.facts, ports);
    case 'report':
      return deliverReports(row, content.facts, ports);
  }
};

export interface Delivery {
  foresee: Foresight;
  /** Hands the row to its workflow and writes the verdict; says where the row stands. The API and the deliverer both call it. */
  deliver(row: InboxRow): Promise<Delivered>;
}

/** Somebody else has answered in the place of the workflow. */
const forged = 'what was answered is not of this command, nor';

const deadlineMs = 5_000;
const retryAfterMs = 100;
/** The gRPC codes for what no repetition mends, and for what did not come about this time. */
const [invalidArgument, failedPrecondition] = [3, 9];

/** How rows of the inbox reach Temporal. A verdict is written before anybody sees it as final. */
export function createDelivery(ports: DeliveryPorts): Delivery {
  const { client, inbox } = ports;

  const hand = async (row: InboxRow): Promise<Delivered> => {
    switch (row.kind) {
      case 'fact':
        return 'facts' in row.content ? deliverFacts(row, row.content, ports) : { state: 'delivered', verdict: {} };
      case 'command':
        return deliverCommand(row, ports);
      case 'signal':
        return deliverSignal(row, client);
    }
  };

  return {
    foresee: createForesight(ports.catalogue),
    async deliver(row) {
      const delivered = await hand(row).catch((error: unknown) => later(error));
      if (delivered.state === 'later') await inbox.putBack(row, backOffMs(row), delivered.poisoned, delivered.reason);
      else await inbox.settle(row, delivered.state, delivered.verdict);
      return delivered;
    },
  };
}

/** What a server that is away, busy or not set up yet says is no fault of the row; anything else may be, and parks it in the end. */
const later = (error: unknown): Delivered => {
  const reason = error instanceof Error ? error.message : 'unknown';
  const code = grpcCode(error);
  const isPassing = code === undefined ? isUnavailable(error) || /namespace/i.test(reason) : code !== invalidArgument;
  return { state: 'later', reason, poisoned: !isPassing };
};

/** Grows to five seconds, with jitter, so that many rows do not come back together. */
const backOffMs = ({ fence }: InboxRow): number =>
  Math.min(5_000, 100 * 2 ** Math.min(fence, 6)) * (0.5 + Math.random() / 2);

const deliverCommand = async (
  row: InboxRow,
  { client, records, updates = recordUpdates }: DeliveryPorts,
): Promise<Delivered> => {
  const { belongsTo } = row;
  if (belongsTo && !takes(updates, kindOf(belongsTo), row.name)) {
    const reason = `${nameOf(belongsTo)} takes no command ${row.name}`;
    return { state: 'refused', verdict: { code: 'invalid', reason } };
  }
  const ask = 'ask' in row.content ? row.content.ask : {};
  const handle = client.workflow.getHandle(row.target!);
  try {
    const answer = await unlessTaskFailed(Date.now() + deadlineMs, (until) =>
      client.withDeadline(until, () =>
        // The id of the row is the id of the update: delivered twice, it is applied once.
        handle.executeUpdate<unknown, [object]>(row.name, {
          updateId: row.id,
          args: [{ ...ask, command: row.id, by: row.actor, at: row.receivedAt }],
        }),
      ),
    );
    // Somebody else may have answered in the place of the workflow.
    if (!isReceiptOf(row.id, answer))
      return { state: 'later', reason: `${forged} a receipt: it may have been carried out`, poisoned: true };
    return { state: 'applied', verdict: {} };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
      const detail: unknown = error.cause.details?.[0];
      if (!isRefusalOfCommand(row.id, detail))
        return { state: 'later', reason: `${forged} a refusal: it may yet be carried out`, poisoned: true };
      const { refusalOf: _, ...verdict } = detail;
      return { state: 'refused', verdict };
    }
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const record = row.belongsTo && (await records.find(row.belongsTo));
    if (record?.state === null)
      return { state: 'later', reason: `${record.reference} has not begun yet`, poisoned: false };
    return { state: 'refused', verdict: { code: 'conflict', reason: endOf(record, row.target!) } };
  }
};

/**
 * A workflow task that fails takes its updates along before they are in the history, as when something is heard while
 * the workflow is about to end. The next task will do.
 */
const unlessTaskFailed = async <Result>(until: number, send: (until: number) => Promise<Result>): Promise<Result> => {
  for (;;) {
    try {
      return await send(until);
    } catch (error) {
      if (grpcCode(error) !== failedPrecondition || Date.now() + retryAfterMs > until) throw error;
      await setTimeout(retryAfterMs);
    }
  }
};

const nameOf = (reference: Reference): string => reference.replace('/', ' ');

const endOf = (record: RecordRow | undefined, target: string): string => {
  if (!record) return `${target} is not known any more`;
  const { reference, workflowId, status, closedAt, state } = record;
  const { endedAt = closedAt } = (state ?? {}) as { endedAt?: string };
  const name = nameOf(reference);
  if (closedAt !== null)
    return `${name} ${status === 'failed' ? '' : 'was '}${status} at ${endedAt} and takes no more commands`;
  return `${target === workflowId ? name : `this run of ${name}`} has ended and takes no more commands`;
};

const deliverSignal = async (row: InboxRow, client: Client): Promise<Delivered> => {
  const ask = 'ask' in row.content ? row.content.ask : {};
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.getHandle(row.target!).signal(row.name, ask),
    );
  } catch (error) {
    // Whoever waited for the news is over, and needs none.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  return { state: 'delivered', verdict: {} };
};
