import { idOf } from '../../../domain/identifiers.ts';
import type { Notice } from '../../../domain/notice.ts';
import { type About, inLine, type Mail, showing } from './about.ts';

export const seatAskedText = (
  { seat, moved }: Extract<Notice, { reason: 'seat-asked' }>,
  { belongsTo, title }: About,
): Mail => {
  const id = idOf(belongsTo);
  const instead = moved ? ` ${moved.by} asks you instead of ${moved.person}: ${inLine(moved.reason)}` : '';
  return {
    subject: `Can you take part? ${title}`,
    text: `You are asked to take the seat ${seat}.${instead}\n\nevenkeel plan accept ${id} ${seat}\nevenkeel plan decline ${id} ${seat} --reason "…"`,
  };
};

/** Whoever had the seat need not come. */
export const seatTakenText = (
  { seat, moved: { to, by, reason } }: Extract<Notice, { reason: 'seat-reassigned' }>,
  about: About,
): Mail => ({
  subject: `Your seat was reassigned: ${about.title}`,
  text: `${by} has asked ${to} to take the seat ${seat} instead of you: ${inLine(reason)}\n\nYou need not do anything.\n\n${showing(about)}`,
});
