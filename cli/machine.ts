import type { Command } from 'commander';
import type { Session } from './session.ts';

/** What starts, stops and looks at Evenkeel on this machine. Each verb is loaded when it is used: some are big. */
export function addMachine(program: Command, session: Session): void {
  program
    .command('start')
    .description('runs PostgreSQL, Temporal and Evenkeel until Ctrl-C; a role beside servers of your own')
    .option('--role <role>', 'all, api, worker or deliverer', 'all')
    .action(async ({ role }: { role: string }) => {
      const { start } = await import('./start.ts');
      session.exitCode = await start({ role });
    });

  program
    .command('stop')
    .description('stops what evenkeel start runs')
    .action(async () => {
      const { printStopped, stop } = await import('./stop.ts');
      const stopped = await stop();
      if (session.isJson) session.show(stopped, () => '');
      else printStopped(stopped);
    });

  program
    .command('status')
    .description('what runs here, and whether it is ready')
    .action(async () => {
      const { exitCodeOf, printStatus, status } = await import('./status.ts');
      const found = await status();
      printStatus(found, { json: session.isJson });
      session.exitCode = exitCodeOf(found);
    });

  program
    .command('doctor')
    .description('looks at everything that evenkeel start needs, and changes nothing')
    .action(async () => {
      const { doctor, exitCodeOfFindings, printFindings } = await import('./doctor.ts');
      const findings = await doctor();
      printFindings(findings, { json: session.isJson });
      session.exitCode = exitCodeOfFindings(findings);
    });

  program
    .command('demo')
    .description('two deployments of an example company, one completed and one undone')
    .option('--exit', 'ends at the end of the story')
    .action(async ({ exit = false }: { exit?: boolean }) => {
      const { demo } = await import('./demo.ts');
      session.exitCode = await demo({ exit });
    });
}
