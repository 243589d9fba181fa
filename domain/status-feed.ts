import type { IncidentStatus } from './incident.ts';
import { publicStatusOf } from './incident/public.rules.ts';
import type { Severity } from './severity.ts';
import {
  ComponentState,
  type PublicIncident,
  type PublicStatus,
  type PublicUpdate,
  type StatusFeed,
  type StatusPageSpec,
} from './status-page.ts';

/** An incident of which something was published, with what the public may know of how it stands. */
export interface PublishedIncident {
  service: string;
  status: IncidentStatus;
  severity: Severity;
  /** When service was restored, and when it was over, as far as it is. */
  restoredAt: string | null;
  endedAt: string | null;
  /** The public title that was given last. */
  title: string | null;
  /** In their order; there is at least one. */
  updates: PublicUpdate[];
}

/** The page as of now; `since` is when it was made public. */
export const statusFeedOf = (
  { title, components }: StatusPageSpec,
  published: readonly PublishedIncident[],
  since: string,
): StatusFeed => {
  const shown = components.map(({ service, name, description }) => ({
    name,
    ...(description === undefined ? {} : { description }),
    state: worst(published.filter((incident) => incident.service === service).map(stateBy)),
  }));
  const nameOf = new Map(components.map(({ service, name }) => [service, name]));
  const incidents = published
    .flatMap((incident) => publicIncident(incident, nameOf.get(incident.service)) ?? [])
    .toSorted((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
  return {
    title,
    state: worst(shown.map(({ state }) => state)),
    updatedAt: latest([since, ...incidents.map(({ updatedAt }) => updatedAt)]),
    components: shown,
    incidents,
  };
};

const publicIncident = (
  { title, updates, ...incident }: PublishedIncident,
  component: string | undefined,
): PublicIncident | undefined => {
  const [first] = updates;
  if (!first || component === undefined) return undefined;
  const status = publicStatusOf(incident);
  return {
    id: first.id,
    title: title ?? `Disruption of ${component}`,
    status,
    component,
    publishedAt: first.at,
    updatedAt: latest([...updates.map(({ at }) => at), ...changesOf(status, incident)]),
    updates: updates.toReversed(),
  };
};

/** What moved it on without anybody publishing more. */
const changesOf = (
  status: PublicStatus,
  { restoredAt, endedAt }: Pick<PublishedIncident, 'restoredAt' | 'endedAt'>,
): string[] => [
  ...(status === 'monitoring' || status === 'resolved' ? [restoredAt ?? []].flat() : []),
  ...(status === 'resolved' ? [endedAt ?? []].flat() : []),
];

const stateBy = (incident: PublishedIncident): ComponentState =>
  componentStateOf({ severity: incident.severity, status: publicStatusOf(incident) });

/** What the severity says of a component, until service is restored. */
export const componentStateOf = ({
  severity,
  status,
}: {
  severity: Severity;
  status: PublicStatus;
}): ComponentState => {
  if (status === 'monitoring' || status === 'resolved') return 'operational';
  if (severity === 'SEV-1') return 'major-outage';
  return severity === 'SEV-2' ? 'partial-outage' : 'degraded-performance';
};

const worst = (states: readonly ComponentState[]): ComponentState =>
  ComponentState.options.findLast((state) => states.includes(state)) ?? 'operational';

const latest = (instants: readonly string[]): string => instants.reduce((a, b) => (a > b ? a : b));
