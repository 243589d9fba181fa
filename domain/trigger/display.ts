import { keepable } from '../text.ts';
import { DeploymentFact } from '../deployment.ts';

/** The first of a sender's links that may be shown: senders leave them empty, and only `http(s)` is ever a link. */
export const linkOf = (...candidates: readonly (string | null | undefined)[]): string | undefined =>
  candidates.find((text): text is string => Boolean(text) && DeploymentFact.shape.link.safeParse(text).success);

/** A sender's remark, cut to what is kept. */
export const noteOf = (text: string | null | undefined): string | undefined =>
  text ? keepable(text, 1000) : undefined;
