import { type Command, Option } from 'commander';
import type { Role } from './role.ts';
import type { Session } from './session.ts';

/** What starts, stops and looks at Evenkeel on this machine. Each verb is loaded when it is used: some are big. */
export function addMachine(program: Command, session: Session): void {
  program
    .command('start')
    .description('runs PostgreSQL, Temporal and Evenkeel until Ctrl-C; with your own servers, runs a role')
    .addOption(
      new Option('--role <role>', 'the part to run').choices(['all', 'api', 'worker', 'deliverer']).default('all'),
    )
    .option('--with-example', 'applies the example company and starts what it works with')
    .action(async ({ role, withExample = false }: { role: Role; withExample?: boolean }) => {
      const { start } = await import('./start.ts');
      session.exitCode = await start(role, { withExample });
    });

  program
    .command('stop')
    .description('stops what evenkeel start runs')
    .action(async () => {
      const { stop, stoppedText } = await import('./stop.ts');
      session.show(await stop(), stoppedText);
    });

  program
    .command('status')
    .description('shows what runs here, and whether it is ready')
    .action(async () => {
      const { exitCodes, status, statusText } = await import('./status.ts');
      const found = await status();
      session.show(found, statusText);
      session.exitCode = exitCodes[found.state];
    });

  program
    .command('doctor')
    .description('checks everything that evenkeel start needs, and changes nothing')
    .action(async () => {
      const { doctor, findingsText } = await import('./doctor.ts');
      const findings = await doctor();
      session.show(findings, findingsText);
      // A warning is no failure.
      if (findings.some(({ state }) => state === 'missing')) session.exitCode = 1;
    });

  program
    .command('temporal-ui')
    .description("runs Temporal's own web interface, which has no login, until Ctrl-C")
    .action(async () => {
      const { temporalUi } = await import('./temporal-ui/index.ts');
      session.exitCode = await temporalUi(session.api);
    });

  program
    .command('demo')
    .description('plays two deployments of an example company, one completed and one undone')
    .option('--exit', 'exits when the story ends')
    .action(async ({ exit = false }: { exit?: boolean }) => {
      const { demo } = await import('./demo.ts');
      session.exitCode = await demo({ exit });
    });
}
