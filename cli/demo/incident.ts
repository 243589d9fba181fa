import { setTimeout as sleep } from 'node:timers/promises';
import type { Approval } from '../../domain/approval.ts';
import type { Incident } from '../../domain/incident.ts';
import type { ShownIncident } from '../../api/routes/incident/reads.ts';
import type { ShownReview } from '../../api/routes/incident/review.ts';
import { type Api, route } from '../api.ts';
import { span } from '../print.ts';
import type { Monitoring } from './monitoring.ts';
import type { People } from './people.ts';
import type { Target } from './target.ts';

export interface Stage {
  admin: Api;
  people: People;
  target: Pick<Target, 'breakDown'>;
  monitoring: Monitoring;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** An incident as the demo follows it. */
interface Followed {
  path: string;
  until(fits: (incident: Incident) => boolean): Promise<ShownIncident>;
  ask(name: string, what: string, body?: object): Promise<unknown>;
}

const pollMs = 100;
const withinMs = 40_000;

/** The service breaks; people and a runbook restore it, and review why. Returns the incident as it was closed. */
export async function playIncident(stage: Stage): Promise<ShownIncident> {
  const { say } = stage;
  say(stage.monitoring.how);
  const brokeAt = new Date().toISOString();
  const { paged, incident } = await breakDown(stage);
  const { path, ask, until } = incident;
  await ask('ana', 'escalate', { reason: 'no answer' });
  const escalated = await until(({ escalation }) => escalation.round > 1);
  say(`ana escalates: ${escalated.record!.escalation.paged.slice(1).join(', ') || 'the next level'} is paged as well`);
  await ask('cid', 'acknowledge');
  say('cid acknowledges: nobody else is paged');
  const [suspect] = paged.suspects;
  if (suspect) say(`suspected: ${suspect.id}, ${suspect.minutesBefore} min before`);
  await until(({ suggested }) => suggested.includes('restart-service'));
  await restore(stage, incident, 'it hangs');
  await ask('cid', 'resolve', { solution: 'Restarted; its connections had run out' });
  await ask('ana', 'request-review', { reason: 'a major incident' });
  const ana = stage.people.get('ana')!;
  const { markdown } = await ana.get<ShownReview>(`${path}/review`);
  await ask('ana', 'review', { markdown: reviewed(markdown) });
  await ask('ben', 'sign-review');
  await ask('cid', 'complete-action', { action: 1, note: 'The pool has a limit' });
  const closed = await until(({ status }) => status === 'closed');
  say(`reviewed: written by ana, signed by ben; ${figures(closed.record!, brokeAt)}`);
  return closed;
}

/** Nobody can pay, and somebody is paged. */
export const breakDown = async (stage: Stage): Promise<{ paged: ShownIncident; incident: Followed }> => {
  const { people, target, monitoring, say } = stage;
  const brokeAt = new Date().toISOString();
  target.breakDown();
  say('checkout breaks down: nobody can pay');
  await monitoring.observe(true);
  const { number } = await opened(stage, brokeAt);
  const path = route`/v1/incidents/${String(number)}`;
  const incident: Followed = {
    path,
    until: (fits) => wait(stage, path, fits),
    ask: (name, what, body = {}) => people.get(name)!.command(`${path}/${what}`, body),
  };
  const paged = await incident.until(({ escalation }) => escalation.paged.length > 0);
  say(`incident ${number}, ${paged.severity}: ${paged.title}; ${paged.record!.escalation.paged.join(', ')} is paged`);
  return { paged, incident };
};

/** By a runbook, once a second person agrees; until no alert fires any longer. */
export const restore = async (
  { people, monitoring, say }: Stage,
  { ask, until }: Followed,
  reason: string,
): Promise<void> => {
  await ask('cid', 'start-runbook', { runbook: 'restart-service', reason });
  say('cid orders the runbook restart-service, which is suggested; its policy asks for a second person');
  const asking = await until(({ runbooks }) => runbooks[0]?.status === 'asking');
  await approve(people.get('ben')!, asking.record!.runbooks[0]!.approval!);
  say('ben approves exactly this runbook');
  const restored = await until(({ status }) => status === 'monitoring' || status === 'resolved');
  say(`restored, verified: ${restored.record!.runbooks[0]?.outcome}`);
  await monitoring.observe(false);
  await until(({ alerts }) => alerts.firing === 0);
};

const opened = async ({ admin, signal }: Stage, brokeAt: string): Promise<ShownIncident> => {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(pollMs, undefined, { signal })) {
    const { items } = await admin.get<{ items: ShownIncident[] }>('/v1/incidents', {
      open: 'true',
      service: 'checkout',
    });
    const [newest] = items.filter(({ openedAt }) => openedAt >= brokeAt);
    if (newest) return newest;
  }
  throw new Error('no alert has opened an incident');
};

const wait = async (
  { admin, signal }: Stage,
  path: string,
  fits: (incident: Incident) => boolean,
): Promise<ShownIncident> => {
  for (let end = Date.now() + withinMs; ; await sleep(pollMs, undefined, { signal })) {
    const shown = await admin.get<ShownIncident>(path);
    if (shown.record && fits(shown.record)) return shown;
    if (Date.now() > end)
      throw new Error(`the incident did not go on: ${shown.status}, ${JSON.stringify(shown.record?.runbooks)}`);
  }
};

const approve = async (api: Api, id: string): Promise<void> => {
  const { digest } = await api.get<Approval>(route`/v1/approvals/${id}`);
  await api.command(route`/v1/approvals/${id}/votes`, { decision: 'approve', digest, reason: 'It cannot get worse' });
};

/** What ana writes into the review that she is shown. */
const reviewed = (markdown: string): string => {
  const due = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
  return markdown
    .replace('## Contributing factors\n', '$&\n- Its connections have no limit\n')
    .replace(
      '## Actions\n',
      `$&\n- Limit the connections | owner: cid | due: ${due} | kind: prevent | priority: P1 | effect: they stay below 80 %\n`,
    );
};

/** How long each part took, for one incident; the demo knows when it broke. */
const figures = ({ detectedAt, times }: Incident, brokeAt: string): string => {
  const between = (from: string | undefined, until: string | undefined): string =>
    from === undefined || until === undefined ? 'not known' : span(Math.max(0, Date.parse(until) - Date.parse(from)));
  return [
    `MTTD ${between(brokeAt, detectedAt)}`,
    `MTTA ${between(times.notifiedAt, times.acknowledgedAt)}`,
    `MTTR (restore) ${between(brokeAt, times.restoredAt)}`,
  ].join(', ');
};
