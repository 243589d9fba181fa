import { setTimeout as sleep } from 'node:timers/promises';
import type { RunWithTries } from '../domain/step-try.ts';
import { route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { isOver, planText, type ShownPlan } from './plan-view.ts';
import { note, plain, say } from './print.ts';
import type { Session } from './session.ts';

export interface Look {
  plan: ShownPlan;
  runs: readonly RunWithTries[];
}

const everyMs = 1000;
/** An API that restarts does not end the watch. */
const answersAgainWithinMs = 60_000;

export const lookAt = async ({ api }: Session, id: string): Promise<Look> => {
  const [plan, { items: runs }] = await Promise.all([
    api.get<ShownPlan>(route`/v1/operation-plans/${id}`),
    api.get<{ items: RunWithTries[] }>(route`/v1/operation-plans/${id}/runs`),
  ]);
  return { plan, runs };
};

/** Follows a plan to its end; returns 0 if it was completed. */
export async function watchPlan(session: Session, id: string): Promise<number> {
  const show = session.isJson ? showAsJson() : process.stdout.isTTY ? showInPlace() : showChanges();
  for (;;) {
    const look = await lookPatiently(session, id);
    show(look);
    if (isOver(look.plan)) return look.plan.status === 'completed' ? 0 : 1;
    await sleep(everyMs);
  }
}

const lookPatiently = async (session: Session, id: string): Promise<Look> => {
  const until = Date.now() + answersAgainWithinMs;
  for (;;) {
    try {
      return await lookAt(session, id);
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.exitCode !== 7 || Date.now() > until) throw error;
      note(`${error.message}; retrying`);
      await sleep(everyMs);
    }
  }
};

type Show = (look: Look) => void;

/** One line of JSON for each change. */
const showAsJson = (): Show => {
  let last = '';
  return ({ plan, runs }) => {
    const text = JSON.stringify({ ...plan, runs });
    if (text !== last) say(text);
    last = text;
  };
};

/** Draws over what was drawn before, as far as it fits on the screen. */
const showInPlace = (): Show => {
  let drawn = 0;
  return ({ plan, runs }) => {
    const lines = planText(plan, runs).split('\n');
    const most = isOver(plan) ? lines.length : Math.max(1, (process.stdout.rows || 24) - 1);
    const shown = lines.slice(0, most);
    const back = drawn === 0 ? '' : `\u001B[${drawn}A`;
    // Long lines are cut and not wrapped meanwhile, or the count of lines would be wrong.
    process.stdout.write(`${back}\r\u001B[J\u001B[?7l${shown.join('\n')}\n\u001B[?7h`);
    drawn = shown.length;
  };
};

const showChanges = (): Show => {
  let before: Look | undefined;
  return (look) => {
    // What had happened before somebody watched did not happen now.
    const at = (before ? new Date().toISOString() : look.plan.updatedAt).slice(0, 19);
    for (const change of changesBetween(before, look)) say(`${at}Z ${plain(change)}`);
    before = look;
  };
};

/** What is new since the last look, one thing a line. */
export function changesBetween(before: Look | undefined, after: Look): string[] {
  const known = new Map(before && watchedOf(before).map(({ key, stands }) => [key, stands]));
  return watchedOf(after)
    .filter(({ key, stands }) => known.get(key) !== stands && (before !== undefined || !isUntouched(stands)))
    .map(({ thing, stands }) => `${thing}: ${stands}`);
}

const isUntouched = (stands: string): boolean => stands === 'planned' || stands === 'not paused';

/** How one thing of a plan stands; the key tells things with the same name apart. */
type Watched = ReturnType<typeof watched>;
const watched = (thing: string, status: string, detail?: string, key = thing) => ({
  key,
  thing,
  stands: detail === undefined ? status : `${status}, ${detail}`,
});

const watchedOf = ({ plan, runs }: Look): Watched[] => {
  const { record } = plan;
  const whole = watched(`plan ${plan.id}`, plan.status, record?.outcome);
  if (!record) return [whole];
  const { paused, readiness, approval, assignments, activities, tasks } = record;
  return [
    whole,
    watched('pause', paused ? 'paused' : 'not paused'),
    ...(readiness ? [watched('readiness', readiness.verdict)] : []),
    ...assignments.map(({ seat, status, person }) => watched(`seat ${seat}`, status, person)),
    ...(approval && 'id' in approval ? [watched(`approval ${approval.id}`, approval.status)] : []),
    ...activities.map(({ name, status, detail }) => watched(`activity ${name}`, status, detail)),
    ...runs.flatMap(stepsOf),
    ...[...tasks, ...runs.flatMap((run) => run.tasks)].map(({ id, status, title }) =>
      watched(`task ${id}`, status, title),
    ),
  ];
};

const stepsOf = ({ activity, purpose, workflowId, steps }: RunWithTries): Watched[] =>
  steps.map(({ name, status, detail, round }) => {
    const thing = `step ${activity}/${name}${purpose === 'run' ? '' : ' of the undo'}`;
    return watched(round > 1 ? `${thing}, round ${round}` : thing, status, detail, `${workflowId} ${name} ${round}`);
  });
