import type { Gate } from './gate.ts';
import type { PageFacts } from './page.ts';
import type { Severity } from './severity.ts';
import type { ComponentState, PublicStatus } from './status-page.ts';

/** A message to stakeholders or to one person; with `page` it is a page, which is sent before anything else. */
export type Message = { page?: PageFacts | undefined } & (
  | { kind: 'email'; to: string; subject: string; text: string }
  | { kind: 'webhook'; channel: string; type: string; data: Record<string, unknown> }
  | {
      kind: 'slack';
      channel: string;
      to: string;
      subject: string;
      text: string;
      button?: SlackButton | undefined;
      /** The member who alone sees it there. */
      only?: string | undefined;
    }
  | { kind: 'teams'; channel: string; subject: string; text: string; link: string }
  | {
      kind: 'pagerduty';
      channel: string;
      incident: number;
      action: 'trigger' | 'acknowledge' | 'resolve';
      /** With a trigger alone. */
      event?: PagerDutyEvent | undefined;
    }
  | { kind: 'gateway'; channel: string; to: string; text: string; incident: string }
  /** An issue, where work is tracked. */
  | { kind: 'github'; channel: string; subject: string; text: string }
  /** The answer to a gate, by the App of the Source that asked. */
  | { kind: 'gate'; channel: string; gate: Gate; state: 'approved' | 'rejected'; text: string }
  | {
      kind: 'statuspage';
      channel: string;
      /** What the incident is known by there. */
      to: string;
      /** Of the incident: what is older does not take it back. */
      rev: number;
      status: PublicStatus;
      /** Its public title, and what it is called if nobody gave one. */
      name?: string | undefined;
      neutralName: string;
      /** What is published; none where the incident has moved on without. */
      update?: { id: string; text: string } | undefined;
      component?: { id: string; state: ComponentState } | undefined;
    }
);

export interface PagerDutyEvent {
  summary: string;
  severity: Severity;
  source: string;
  link: string;
  details: Record<string, unknown>;
}

/** Acknowledges, for whoever presses it, this incident in this turn of its escalation. */
export interface AcknowledgeButton {
  incident: number;
  round: number;
}

/** Approves, for whoever presses it, what was shown, in the stage in which it was. */
export interface ApproveButton {
  approval: string;
  stage: number;
  digest: string;
}

export type SlackButton = AcknowledgeButton | ApproveButton;
