import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { OpenedPlan } from '../api/declaration.ts';
import { showOpening } from './opening.ts';
import type { Session } from './session.ts';

interface Told {
  to?: string;
  note?: string;
  link?: string;
  key?: string;
}

/** `evenkeel transition`: reports what goes live, changes hands, or goes out of use. */
export const addTransition = (program: Command, session: Session): void => {
  program
    .command('transition')
    .description('transitions: report one')
    .command('send <kind> <service> <environment>')
    .description('reports a go-live, hand-over or retirement; with the same --key it is safe to repeat')
    .option('--to <team>', 'of a hand-over: the team that receives the service')
    .option('--note <text>')
    .option('--link <url>', 'where it was agreed')
    .option('--key <key>', 'the Idempotency-Key (default: a random one)')
    .action(async (kind: string, service: string, environment: string, told: Told) => {
      const { key = randomUUID(), ...more } = told;
      const said = await session.api.command<OpenedPlan>(
        '/v1/transitions',
        { kind, service, environment, ...more },
        key,
      );
      showOpening(session, said, told.key === undefined ? key : undefined);
    });
};
