import { idOf, kindOf } from '../../../domain/identifiers.ts';
import type { Reference } from '../../../domain/reference.ts';

/** What a mail says besides the notice: which record it is about, and where people find Evenkeel. */
export interface About {
  belongsTo: Reference;
  /** The record in a few words: `checkout in production`. */
  title: string;
  publicUrl: string;
  /** What the target of a step said. */
  output?: string | undefined;
  /** How the record stands. */
  facts: readonly string[];
  /** What whoever decides has to know. */
  brief: readonly string[];
}

export interface Mail {
  subject: string;
  text: string;
}

/** The command that shows the record. */
export const showing = ({ belongsTo }: About): string => `evenkeel ${kindOf(belongsTo)} show ${idOf(belongsTo)}`;

/** Words of a person, so that none of their lines passes for one of ours. */
export const inLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
