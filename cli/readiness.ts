import type { Command } from 'commander';
import type { Attested } from '../api/routes/readiness.ts';
import type { Waiver } from '../domain/readiness.ts';
import { route } from './api.ts';
import { plain, table, when } from './print.ts';
import type { Session } from './session.ts';
import { reasonOption } from './verb.ts';

/** `evenkeel readiness`: what people state, and what may wait. */
export function addReadiness(program: Command, session: Session): void {
  const readiness = program.command('readiness').description('readiness: attestations and waivers');
  const aboutCheck = (
    verb: string,
    description: string,
    path: string,
    text: (check: string, said: Attested) => string,
  ) =>
    readiness
      .command(`${verb} <service> <environment>`)
      .argument('<check>', 'such as OBS-5')
      .description(description)
      .requiredOption('--valid-for <duration>', 'how long it is valid, such as 8h or 30d')
      .action(async (service: string, environment: string, check: string, options: object) => {
        const said = await session.api.post<Attested>(path, { service, environment, check, ...options });
        session.show(said, (answer) => text(check, answer));
      });

  aboutCheck(
    'attest',
    'attests that something is true, for a check that asks a person',
    '/v1/attestations',
    (check, { expiresAt, freshness }) =>
      `Your attestation of ${check} is recorded and counts until ${when(expiresAt)}${freshness === undefined ? '' : `; a plan relies on it for ${freshness} and then looks again`}`,
  )
    .requiredOption('--statement <text>', 'what you attest')
    .option('--link <url>', 'where to see it');

  aboutCheck(
    'waive',
    'requests to go on without a check for a while; somebody else grants it',
    '/v1/waivers',
    (_, { id }) => `Requested. Somebody else can grant it with: evenkeel readiness grant ${id}`,
  ).requiredOption(...reasonOption);

  readiness
    .command('grant <waiver>')
    .description('grants a waiver that somebody else requested')
    .action(async (id: string) => {
      const said = await session.api.post<Waiver>(route`/v1/waivers/${id}/grant`);
      session.show(said, (waiver) => `${waiver.check} is waived for ${waiver.service} until ${when(waiver.expiresAt)}`);
    });

  readiness
    .command('withdraw <waiver>')
    .description('withdraws a waiver, so that its check counts again')
    .requiredOption(...reasonOption)
    .action(async (id: string, { reason }: { reason: string }) => {
      const said = await session.api.post<Waiver>(route`/v1/waivers/${id}/withdraw`, { reason });
      session.show(said, ({ check, service }) => `${check} counts again for ${service}`);
    });

  readiness
    .command('waivers <service> <environment>')
    .description('lists the waivers of a service in an environment')
    .action((service: string, environment: string) =>
      session.list(route`/v1/services/${service}/environments/${environment}/waivers`, {}, waiversText),
    );
}

const waiversText = (waivers: readonly Waiver[]): string =>
  table(
    ['id', 'check', 'asked by', 'granted by', 'expires', 'reason'],
    waivers.map(({ id, check, requestedBy, approvedBy, expiresAt, withdrawnBy, reason }) => [
      id,
      check,
      requestedBy,
      approvedBy ?? 'nobody yet',
      withdrawnBy === undefined ? when(expiresAt) : `withdrawn by ${withdrawnBy}`,
      plain(reason),
    ]),
    'no waivers',
  );
