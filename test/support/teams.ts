import { document } from './company.ts';

/** Whose service this is, when each team has so many. */
export const teamOf = (service: number, servicesEach = 1): number => Math.floor(service / servicesEach);

/**
 * Teams with services, a source of alerts, and an escalation from one person to another. The people are their own: ten incidents
 * of one team are a storm, and ten pages of one person a digest.
 */
export const teams = (count: number, timeoutMs: number, servicesEach = 1) =>
  Array.from({ length: count }, (_, team) => [
    ...[`first-${team}`, `second-${team}`].map((name) =>
      document('Person', name, { name, email: `${name}@example.org` }),
    ),
    document('EscalationPolicy', `team-${team}`, {
      steps: [
        { level: { targets: [{ person: `first-${team}` }], timeout: `${timeoutMs}ms` } },
        { level: { targets: [{ person: `second-${team}` }], timeout: '6h' } },
      ],
    }),
    document('Team', `team-${team}`, {
      members: [
        { person: `first-${team}`, role: 'responder' },
        { person: `second-${team}`, role: 'responder' },
      ],
      escalation: `team-${team}`,
    }),
    document('Source', `monitor-${team}`, {
      format: 'alertmanager',
      team: `team-${team}`,
      secrets: ['events'],
      alerts: { environment: { default: 'production' } },
    }),
    ...Array.from({ length: servicesEach }, (__, index) =>
      document('Service', `service-${team * servicesEach + index}`, {
        description: 'Of one team',
        owner: `team-${team}`,
      }),
    ),
  ]).flat();
