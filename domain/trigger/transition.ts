import { z } from 'zod';
import { DeploymentFact } from '../deployment.ts';
import type { Login } from '../login.ts';
import { Name } from '../name.ts';

/** What passes: a service or a platform goes live for the first time, from one team to another, or out of use. */
export const TransitionKind = z.enum(['go-live', 'hand-over', 'retirement']);
export type TransitionKind = z.infer<typeof TransitionKind>;

/** A transition in the catalogue's names, as somebody reports it. */
export const Transition = z
  .strictObject({
    kind: TransitionKind,
    service: Name.meta({ description: 'The service, platform or other resource that passes' }),
    environment: Name,
    to: Name.optional().meta({ description: 'Of a hand-over: the team that receives it' }),
    link: DeploymentFact.shape.link,
    note: DeploymentFact.shape.note,
  })
  .refine(({ kind, to }) => (kind === 'hand-over') === (to !== undefined), {
    path: ['to'],
    message: 'a hand-over names the team that receives, and nothing else does',
  });
export type Transition = z.infer<typeof Transition>;

/** A transition with the identity of its occurrence: told twice, it is one. */
export interface TransitionFact {
  transition: Transition;
  factKey: string;
  /** Whoever did it, as far as the sender says. */
  triggeredBy?: Login[];
}

/** Field of `Service.plans` that names the template for such a transition. */
export const planOf = { 'go-live': 'goLive', 'hand-over': 'handOver', retirement: 'retirement' } as const;
