import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import type { OpenedPlan } from '../api/declaration.ts';
import { showOpening } from './opening.ts';
import type { Session } from './session.ts';

interface Asked {
  set: Record<string, string>;
  note?: string;
  link?: string;
  exception?: string;
  key?: string;
}

/** `evenkeel plan request`: asks for a plan that nothing else sets off. */
export const addPlanRequest = (plan: Command, session: Session): void => {
  plan
    .command('request <service> <environment> <template>')
    .description('requests a plan by a template; with the same --key it is safe to repeat')
    .option('--set <name=value>', 'a parameter of the template; may be repeated', assigned, {})
    .option('--note <text>', 'why, for those who approve')
    .option('--link <url>')
    .option('--exception <why>', 'P0 or security: passes what a spent error budget holds up')
    .option('--key <key>', 'the Idempotency-Key (default: a random one)')
    .action(async (service: string, environment: string, template: string, asked: Asked) => {
      const { key = randomUUID(), set: parameters, ...more } = asked;
      const body = { service, environment, template, parameters, ...more };
      const said = await session.api.command<OpenedPlan>('/v1/requests', body, key);
      showOpening(session, said, asked.key === undefined ? key : undefined);
    });
};

const assigned = (written: string, before: Record<string, string>): Record<string, string> => {
  const at = written.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected name=value');
  return { ...before, [written.slice(0, at)]: written.slice(at + 1) };
};
