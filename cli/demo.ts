import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InboxRow } from '../domain/inbox.ts';
import { type Api, createApi, route } from './api.ts';
import { playIncident } from './demo/incident.ts';
import { backfillEarlier, playProblem } from './demo/problem.ts';
import { playOperate } from './demo/operate.ts';
import { playReport } from './demo/report.ts';
import { endMonitoring, startMonitoring } from './demo/monitoring.ts';
import { githubDelivery } from './demo/github.ts';
import { endWithNpm } from './demo/parent.ts';
import { type People, actForPeople } from './demo/people.ts';
import { applyExample, startSurroundings, type Surroundings } from './example.ts';
import type { ShownPlan } from './plan-view.ts';
import { startStack, type Stack } from './start.ts';
import { secretsFolder, stateDir as usualStateDir } from './state.ts';

const names = ['ana', 'ben', 'cid', 'dan', 'eva', 'fay'];
const pollMs = 200;
const endsWithinMs = 120_000;

/** Everything that the story needs, started and to be stopped together. */
interface Setup {
  stack: Stack;
  around: Surroundings;
  say: (line: string) => void;
  signal: AbortSignal;
}

interface Callers {
  admin: Api;
  people: People;
}

/**
 * `evenkeel demo`: a company of its own in a state folder of its own. Two deployments become operation plans; the first
 * is completed, the step of the second fails and is undone. Then the service breaks, is restored, and reviewed; it breaks again, and
 * whoever is paged reads what helped. The problem is fixed and watched; a routine, a supplier and a go-live have their plans; and a report says what it all came to. Returns the exit code.
 */
export async function demo({ exit }: { exit: boolean }): Promise<number> {
  const begun = performance.now();
  const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(1);
  const say = (line: string): void => console.log(`${seconds().padStart(6)} s  ${line}`);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => asked.abort());
  endWithNpm(() => asked.abort());

  const setup = await startEverything(say, asked.signal);
  try {
    const callers = await applyCompany(setup);
    const first = await deploy(setup, callers, randomBytes(20).toString('hex'));
    const badSha = randomBytes(20).toString('hex');
    setup.around.target.breakOn(badSha);
    say('the next version will turn unhealthy as soon as it gets traffic');
    const second = await deploy(setup, callers, badSha);

    for (const { id, status } of [first, second]) {
      const path = route`/v1/operation-plans/${id}/reports`;
      const { items } = await callers.people.get('ana')!.get<{ items: { markdown: string }[] }>(path);
      say(`the report of the ${status} plan, as its stakeholders received it:`);
      console.log(`\n${items[0]?.markdown ?? ''}`);
    }
    const told = await playWithMonitoring(setup, callers);
    const live = await playOperate({ people: callers.people, say, signal: asked.signal });
    const report = await playReport(callers.people.get('ana')!, say, asked.signal);
    const audit = await verified(callers.admin);
    say(
      `the ledger verifies: ${audit.verified} links, ${audit.unsealed} not sealed yet; ${setup.around.mail.count()} mails, ${setup.around.target.effects()} effects at the target`,
    );
    if (!exit && process.stdout.isTTY) await stayUp(setup);
    const count = (status: string): number => [first, second].filter((plan) => plan.status === status).length;
    console.log(
      `demo: 2 plans, ${count('completed')} completed, ${count('undone')} undone, 2 incidents detected and restored, 1 problem opened by recurrence, its fix ${told.problem.status}, 1 service in ${live.stage}, ${report.figures.length} figures reported, audit ${audit.ok ? 'verified' : 'NOT verified'}, ${seconds()} s`,
    );
    const isAsTold =
      first.status === 'completed' &&
      second.status === 'undone' &&
      told.incident.status === 'closed' &&
      told.problem.status === 'verifying' &&
      live.stage === 'hypercare';
    return isAsTold && audit.ok ? 0 : 1;
  } catch (error) {
    if (asked.signal.aborted) return 130;
    throw error;
  } finally {
    await setup.stack.stop();
    await setup.around.stop();
  }
}

const startEverything = async (say: Setup['say'], signal: AbortSignal): Promise<Setup> => {
  const stateDir = join(usualStateDir(), 'demo');
  process.env['EVENKEEL_STATE_DIR'] = stateDir;
  const around = await startSurroundings(stateDir);
  try {
    const stack = await startStack({ stateDir, signal });
    say(`Evenkeel is up at ${stack.url}`);
    await endMonitoring(stateDir);
    return { stack, around, say, signal };
  } catch (error) {
    await around.stop();
    throw error;
  }
};

/** Applies the example company and gives each of its people a token. */
const applyCompany = async ({ stack, say }: Setup): Promise<Callers> => {
  const { admin, changes, revision } = await applyExample(stack);
  say(`the example company is applied: ${changes.length} documents, revision ${revision}`);
  const people = new Map<string, Api>();
  for (const person of names) {
    const ask = { kind: 'personal', person, validFor: '1d' };
    const { secret: token } = await admin.post<{ secret: string }>('/v1/tokens', ask);
    people.set(person, createApi({ url: stack.url, token }));
  }
  return { admin, people };
};

/** Sends one delivery of GitHub and follows the plan that it becomes to its end. */
const deploy = async ({ stack, say, signal }: Setup, { admin, people }: Callers, sha: string): Promise<ShownPlan> => {
  const secret = readFileSync(join(secretsFolder(stack.stateDir), 'github-shop'), 'utf8');
  const delivery = githubDelivery(sha, secret);
  const sent = await fetch(`${stack.url}/v1/hooks/github/github-shop`, { method: 'POST', ...delivery });
  if (!sent.ok) throw new Error(`the delivery was answered with ${sent.status}: ${await sent.text()}`);
  const { accepted } = (await sent.json()) as { accepted: [string] };
  say(`GitHub reports ${sha.slice(0, 7)} in production: accepted as ${accepted[0]}`);
  const until = Date.now() + endsWithinMs;
  let shown = 'no plan yet';
  const pause = async (): Promise<void> => {
    if (Date.now() > until) throw new Error(`the plan did not end within ${endsWithinMs / 1000} s: ${shown}`);
    await sleep(pollMs, undefined, { signal });
  };

  const recorded = async (): Promise<string | undefined> =>
    (await admin.get<InboxRow>(route`/v1/inbox/${accepted[0]}`)).verdict?.records?.[0]?.replace('plan/', '');
  let id: string | undefined;
  while ((id = await recorded()) === undefined) await pause();
  say(`it is the operation plan ${id}`);

  for (;;) {
    const plan = await people.get('ana')!.get<ShownPlan>(route`/v1/operation-plans/${id}`);
    const state = stateOf(plan);
    if (state !== shown) say(state);
    shown = state;
    if (plan.record?.endedAt !== undefined) return plan;
    await actForPeople(plan, people, say);
    await pause();
  }
};

/** The service of the company is watched, breaks, and is restored. */
const playWithMonitoring = async (setup: Setup, callers: Callers) => {
  const { stack, around, say, signal } = setup;
  const { admin, people } = callers;
  const monitoring = await startMonitoring({
    stateDir: stack.stateDir,
    target: around.targetAddress,
    hook: `${stack.url}/v1/hooks/alertmanager/alertmanager-shop`,
    secret: readFileSync(join(secretsFolder(stack.stateDir), 'alertmanager-shop'), 'utf8'),
  });
  try {
    const stage = { admin, people, target: around.target, monitoring, say, signal };
    await backfillEarlier(stage);
    const incident = await playIncident(stage);
    const problem = await playProblem(stage, {
      mail: around.mail,
      deployFix: () => deploy(setup, callers, randomBytes(20).toString('hex')),
    });
    return { incident, problem };
  } finally {
    await monitoring.stop();
  }
};

const stateOf = ({ status, record }: ShownPlan): string => {
  const activities = record?.activities.map((activity) => `${activity.name} ${activity.status}`).join(', ');
  const verdict = record?.readiness ? `, ${record.readiness.verdict}` : '';
  return `plan: ${status}${verdict}${activities ? ` (${activities})` : ''}${record?.outcome ? `: ${record.outcome}` : ''}`;
};

/** The chain is sealed several times a second: waits until nothing is open. */
const verified = async (admin: Api): Promise<{ ok: boolean; verified: number; unsealed: number }> => {
  for (let tries = 0; ; tries += 1) {
    const found = await admin.get<{ ok: boolean; verified: number; unsealed: number }>('/v1/audit/verification');
    if (!found.ok || found.unsealed === 0 || tries === 20) return found;
    await sleep(pollMs);
  }
};

const stayUp = async ({ stack, signal }: Setup): Promise<void> => {
  console.log(`\nEvenkeel stays up: API ${stack.url}, its page ${stack.url}/docs`);
  console.log(`EVENKEEL_STATE_DIR=${stack.stateDir} npx evenkeel plan list\nCtrl-C stops it.`);
  if (!signal.aborted) await once(signal, 'abort');
};
