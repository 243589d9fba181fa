import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { line } from './line.ts';

const Component = z.strictObject({
  service: nameOf('Service').meta({ description: 'A Service of the team; its own name is not shown' }),
  name: line(100).meta({ description: 'What the public calls it' }),
  description: line(300).optional(),
  statuspage: z
    .string()
    .max(50)
    .regex(/^\w+$/, 'expected the id of a component')
    .optional()
    .meta({ description: 'Id of the same component on Statuspage' }),
});

/** What the public may see: these services, under these names, and of their incidents what is published. */
export const StatusPageSpec = z
  .strictObject({
    team: nameOf('Team').meta({ description: 'Team whose services it shows, and whose admins change it' }),
    title: line(100),
    channel: nameOf('NotificationChannel')
      .optional()
      .meta({ description: 'NotificationChannel of type `statuspage`, where the same is published' }),
    components: z.array(Component).min(1).max(100).meta({ description: 'What is shown, in this order' }),
  })
  .meta({ id: 'StatusPageSpec' });
export type StatusPageSpec = z.infer<typeof StatusPageSpec>;

/** What the page shows of a team's service, if it shows it. */
export const componentOn = (
  page: StatusPageSpec,
  { team, service }: { team: string; service?: string | undefined },
): StatusPageSpec['components'][number] | undefined =>
  page.team === team ? page.components.find((component) => component.service === service) : undefined;

/** How an incident stands, in the words that status pages have for it. */
export const PublicStatus = z.enum(['investigating', 'identified', 'monitoring', 'resolved']);
export type PublicStatus = z.infer<typeof PublicStatus>;

/** The worst is the last. */
export const ComponentState = z.enum(['operational', 'degraded-performance', 'partial-outage', 'major-outage']);
export type ComponentState = z.infer<typeof ComponentState>;

/** Something that was published about an incident. */
export const PublicUpdate = z.strictObject({
  id: z.uuid(),
  at: z.string(),
  status: PublicStatus,
  text: z.string(),
});
export type PublicUpdate = z.infer<typeof PublicUpdate>;

const PublicIncident = z.strictObject({
  id: z.uuid(),
  title: z.string(),
  status: PublicStatus,
  component: z.string(),
  /** When it was first published, and when it last changed. */
  publishedAt: z.string(),
  updatedAt: z.string(),
  updates: z.array(PublicUpdate).meta({ description: 'The newest first' }),
});
export type PublicIncident = z.infer<typeof PublicIncident>;

/** A status page as everybody may read it. */
export const StatusFeed = z
  .strictObject({
    title: z.string(),
    state: ComponentState.meta({ description: 'That of the worst component' }),
    updatedAt: z.string(),
    components: z.array(
      z.strictObject({ name: z.string(), description: z.string().optional(), state: ComponentState }),
    ),
    incidents: z
      .array(PublicIncident)
      .meta({ description: 'Open ones, and those of the last 14 days; the newest first' }),
  })
  .meta({ id: 'StatusFeed' });
export type StatusFeed = z.infer<typeof StatusFeed>;
