import type { Actor } from './actor.ts';
import { evenkeel } from './actor.rules.ts';
import { sha256 } from './digest.ts';
import type { Reference } from './reference.ts';
import type { IncidentDeclaration } from './incident/declaration.ts';
import type { ProblemFinding } from './insight/finding.ts';
import type { PatternOrder } from './pattern.ts';
import type { ReportOrder } from './performance-report.ts';
import type { ProblemDeclaration } from './problem/declaration.ts';
import type { RoutineFact } from './routine/run.ts';
import type { DeploymentFact } from './deployment.ts';
import type { PlanRequest } from './trigger/request.ts';
import type { SupplierFact } from './trigger/supplier.ts';
import type { TransitionFact } from './trigger/transition.ts';
import type { GateFact } from './gate.ts';

/** What a machine tells, by family: each family has a deliverer of its own. */
export type Facts =
  | { family: 'deployment'; facts: DeploymentFact[] }
  | { family: 'transition'; facts: TransitionFact[] }
  | { family: 'supplier'; facts: SupplierFact[] }
  | { family: 'request'; facts: PlanRequest[] }
  | { family: 'gate'; facts: GateFact[] }
  | { family: 'incident'; facts: IncidentDeclaration[] }
  | { family: 'problem'; facts: ProblemDeclaration[] }
  | { family: 'pattern'; facts: ProblemFinding[] }
  | { family: 'pattern-run'; facts: PatternOrder[] }
  | { family: 'routine'; facts: RoutineFact[] }
  | { family: 'report'; facts: ReportOrder[] };

/** A row to accept: everything from outside is one of these before Temporal hears of it. */
export interface Arrival {
  kind: 'fact' | 'command' | 'signal';
  source: string;
  dedupKey: string;
  /** `github.deployment_status`, or the name of a workflow's update or signal. */
  name: string;
  /** Workflow that a command or signal is for, and the record that it acts for. */
  target?: string;
  belongsTo?: Reference;
  /** Team whose matter it is. */
  team?: string;
  actor: Actor;
  body: Uint8Array;
  bodyHash: string;
  content: Facts | { ask: Record<string, unknown> };
  /** Rejected after its sender was known: kept with the reason, never delivered. */
  deadBecause?: string;
  /** Leads nowhere, so there is nothing to deliver. */
  foreseen?: Foreseen;
}

/** What becomes of facts for as long as the catalogue has this revision and no plan is open for these places. */
export interface Foreseen {
  state: Extract<InboxState, 'gap' | 'skipped' | 'delivered'>;
  verdict: Verdict;
  revision: number;
  places: { service: string; environment: string }[];
}

export type InboxState = 'accepted' | 'delivered' | 'applied' | 'refused' | 'gap' | 'skipped' | 'dead' | 'parked';

/** What became of a row: the answer that every repeat gets. */
export interface Verdict {
  code?: 'invalid' | 'not-allowed' | 'not-found' | 'conflict';
  reason?: string;
  /** Of the command, that it was refused for. */
  field?: string;
  /** Records that the facts led to. */
  records?: Reference[];
}

/** What has to be known to deliver a row; its body stays in the database, as evidence. */
export interface InboxRow extends Omit<Arrival, 'deadBecause' | 'foreseen' | 'body'> {
  id: string;
  state: InboxState;
  verdict: Verdict | null;
  receivedAt: string;
  fence: number;
  attempts: number;
}

/** What people see of a row. */
export type ShownRow = Pick<
  InboxRow,
  'id' | 'kind' | 'source' | 'name' | 'state' | 'verdict' | 'receivedAt' | 'team' | 'actor' | 'attempts' | 'bodyHash'
>;

export interface Accepted {
  id: string;
  isNew: boolean;
  state: InboxState;
  verdict: Verdict | null;
  /** False: the same key came with another body before; the first body stays. */
  isSameBody: boolean;
  fence: number;
}

/** What one try of delivering a row came to: where the row stands now, or why it has to be tried again. */
export type Delivered =
  | { state: Exclude<InboxState, 'accepted' | 'dead' | 'parked'>; verdict: Verdict }
  | { state: 'later'; reason: string; poisoned: boolean };

/** Tells a workflow that something changed; whoever hears it looks at the database. */
export const signalOf = (
  signal: Pick<Arrival, 'source' | 'dedupKey' | 'name' | 'target' | 'belongsTo' | 'team'>,
  ask: Record<string, unknown> = {},
): Arrival => ({
  ...signal,
  kind: 'signal',
  actor: evenkeel,
  body: new Uint8Array(),
  bodyHash: sha256(''),
  content: { ask },
});
