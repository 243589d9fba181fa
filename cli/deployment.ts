import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Answered } from '../api/routes/deployment.ts';
import type { DeploymentReport } from '../domain/trigger/report.ts';
import { CommandFailure } from './failure.ts';
import { note, plain, status } from './print.ts';
import type { Session } from './session.ts';

type SendOptions = Partial<
  Pick<DeploymentReport, 'change' | 'occurrence' | 'link' | 'note' | 'committedAt' | 'exception'>
> & {
  key?: string;
};

/** `evenkeel deployment`: what a pipeline reports, without `curl`. */
export function addDeployment(program: Command, session: Session): void {
  program
    .command('deployment')
    .description('deployments: report one, as a pipeline does')
    .command('send <service> <environment>')
    .argument('<artifact>', 'a commit, a package URL or an image digest')
    .description('reports a deployment; with the same --key it is safe to repeat')
    .option('--key <key>', 'the Idempotency-Key (default: a random one)')
    .option('--change <change>', 'deployed (default), rolled-back, failed or progressing')
    .option('--occurrence <id>', "the pipeline's own id of this deployment of one artifact (default: the key)")
    .option('--link <url>', 'where the pipeline shows it')
    .option('--note <text>')
    .option('--committed-at <instant>', 'when it was committed; its lead time runs from then')
    .option('--exception <why>', 'P0 or security: passes what a spent error budget holds up')
    .action(async (service: string, environment: string, artifact: string, options: SendOptions) => {
      const { key = randomUUID(), ...more } = options;
      const report = { service, environment, artifact, ...more };
      const said = await session.api.command<Answered>('/v1/deployments', report, key).catch(namingKey(key));
      session.show(said, answerText);
      if (said.state === 'refused' || said.state === 'dead') session.exitCode = 1;
      if (options.key === undefined) note(`key ${key}`);
    });
}

/** The header is an option here. */
const namingKey =
  (key: string) =>
  (error: unknown): never => {
    if (!(error instanceof CommandFailure)) throw error;
    const { exitCode, message, details } = error;
    const named = message.replace(/^this Idempotency-Key/, () => `--key ${key}`);
    throw new CommandFailure(exitCode, named, { ...details, cause: error });
  };

const answerText = ({ accepted, state, plans, reason }: Answered): string =>
  [
    `${status(state)}${reason === undefined ? '' : `: ${plain(reason)}`}`,
    ...plans.map((plan) => `plan ${plain(plan)}`),
    ...(plans.length === 0 ? [`follow it with: evenkeel inbox show ${accepted}`] : []),
  ].join('\n');
