import type { Command } from 'commander';
import type { ShownService } from '../api/routes/service.ts';
import { route } from './api.ts';
import { facts, plain, status, table, when } from './print.ts';
import type { Session } from './session.ts';

/** `evenkeel service`: what is live, and what was agreed of it. */
export const addService = (program: Command, session: Session): void => {
  const service = program.command('service').description('services: where each is in its life, and what was agreed');

  service
    .command('list')
    .description('lists the services of your teams')
    .action(() => session.list('/v1/services', {}, servicesText));

  service
    .command('show <name>')
    .description('shows a service: level, stage of its life, and what was agreed of it')
    .action((name: string) => session.get(route`/v1/services/${name}`, serviceText));
};

const servicesText = (services: readonly ShownService[]): string =>
  table(
    ['service', 'team', 'level', 'stage', 'description'],
    services.map(({ name, owner, level, lifecycle, description }) => [
      name,
      owner,
      level,
      status(lifecycle.stage),
      plain(description),
    ]),
    'no services',
  );

const serviceText = ({
  name,
  description,
  owner,
  level,
  slo,
  lifecycle,
  requirements,
  dependsOn,
}: ShownService): string => {
  const { availability, rto, rpo, mtpd, supportHours, dataClasses, peakLoad } = requirements;
  const agreed = (text: string | undefined, where: { agreedIn: string } | undefined): string | undefined =>
    text === undefined || where === undefined ? undefined : `${plain(text)} (${plain(where.agreedIn)})`;
  const hours = supportHours?.hours;
  return [
    `${name}: ${plain(description)}`,
    facts([
      ['team', owner],
      ['level', slo === undefined ? level : `${level}, by ${slo.name} of ${slo.target} %`],
      ['stage', `${status(lifecycle.stage)}${lifecycle.since === undefined ? '' : `, since ${when(lifecycle.since)}`}`],
      ['by plan', lifecycle.plan],
      ['depends on', dependsOn.join(', ')],
      ['availability', agreed(availability && `${availability.percent} %`, availability)],
      ['RTO', agreed(rto?.within, rto)],
      ['RPO', agreed(rpo?.within, rpo)],
      ['MTPD', agreed(mtpd?.within, mtpd)],
      [
        'support',
        agreed(hours && `${hours.days.join(', ')} ${hours.from} to ${hours.until} ${hours.zone ?? ''}`, supportHours),
      ],
      ['data', agreed(dataClasses?.classes.join(', '), dataClasses)],
      ['peak load', agreed(peakLoad && `${peakLoad.value} ${peakLoad.unit}`, peakLoad)],
    ]),
  ].join('\n');
};
