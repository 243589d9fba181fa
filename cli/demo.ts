import { randomBytes, randomInt } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { githubDelivery } from './demo/github.ts';
import { type MailSink, startMailSink } from './demo/mail.ts';
import { type Ask, type PlanView, playPeople, speaker } from './demo/people.ts';
import { startTarget, type Target } from './demo/target.ts';
import { startStack, type Stack } from './start.ts';
import { adminTokenFile, stateDir as usualStateDir } from './state.ts';

const root = join(import.meta.dirname, '..');
const targetPort = 7499;
const mailPort = 7425;
const people = ['ana', 'ben', 'cid', 'dan', 'eva', 'fay'];
const pollMs = 200;
const patienceMs = 120_000;

/** Everything that the story needs, started and to be stopped together. */
interface Stage {
  stack: Stack;
  target: Target;
  mail: MailSink;
}

/**
 * `evenkeel demo`: a company of its own in a state folder of its own. Two deployments become operation plans; the first
 * is completed, the step of the second fails and is undone. Returns the exit code.
 */
export async function demo({ exit }: { exit: boolean }): Promise<number> {
  const begun = performance.now();
  const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(1);
  const say = (line: string): void => console.log(`${seconds().padStart(6)} s  ${line}`);
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => asked.abort());

  const stage = await setStage(say, asked.signal);
  try {
    const { admin, voices, secret } = await introduce(stage.stack, say);
    const repository = 'Codertocat/Hello-World';
    const run = (sha: string) => tell({ stage, admin, voices, secret, repository, sha, say, signal: asked.signal });
    const first = await run(randomBytes(20).toString('hex'));
    const badSha = randomBytes(20).toString('hex');
    stage.target.breakOn(badSha);
    say('the next version will turn unwell as soon as customers reach it');
    const second = await run(badSha);

    const [anybody] = voices.values();
    for (const { id, status } of [first, second]) {
      const { items } = await anybody!<{ items: { markdown: string }[] }>('GET', `/v1/operation-plans/${id}/reports`);
      say(`the report of the plan that is ${status}, as its stakeholders got it:`);
      console.log(`\n${items[0]?.markdown ?? ''}`);
    }
    const audit = await verified(admin);
    say(
      `the ledger verifies: ${audit.verified} links, ${audit.unsealed} not sealed yet; ${stage.mail.subjects().length} mails, ${stage.target.effects().length} effects at the target`,
    );
    const isAsTold = first.status === 'completed' && second.status === 'undone' && audit.ok;
    if (!exit && process.stdout.isTTY) await stayUp(stage, asked.signal);
    await strike(stage);
    const count = (status: string): number => [first, second].filter((plan) => plan.status === status).length;
    console.log(
      `demo: 2 plans, ${count('completed')} completed, ${count('undone')} undone, audit ${audit.ok ? 'verified' : 'NOT verified'}, ${seconds()} s`,
    );
    return isAsTold ? 0 : 1;
  } catch (error) {
    await strike(stage);
    if (asked.signal.aborted) return 130;
    throw error;
  }
}

const setStage = async (say: (line: string) => void, signal: AbortSignal): Promise<Stage> => {
  const stateDir = join(usualStateDir(), 'demo');
  const secrets = join(stateDir, 'secrets');
  mkdirSync(secrets, { recursive: true });
  for (const [name, value] of Object.entries(secretValues())) {
    try {
      writeFileSync(join(secrets, name), value, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Kept from the last time.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  Object.assign(process.env, {
    EVENKEEL_STATE_DIR: stateDir,
    EVENKEEL_EGRESS_ALLOW: `127.0.0.1:${targetPort}`,
    EVENKEEL_SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
    EVENKEEL_PROGRAMS_DIR: join(root, 'examples', 'programs'),
  });
  const [target, mail] = await Promise.all([startTarget(targetPort), startMailSink(mailPort)]);
  try {
    const stack = await startStack({ stateDir, signal });
    say(`Evenkeel is up at ${stack.url}`);
    return { stack, target, mail };
  } catch (error) {
    await Promise.all([target.stop(), mail.stop()]);
    throw error;
  }
};

const secretValues = (): Record<string, string> => ({
  'github-shop': randomBytes(24).toString('hex'),
  'pipeline-shop': randomBytes(24).toString('hex'),
  'shop-events': `whsec_${randomBytes(32).toString('base64')}`,
});

const strike = async ({ stack, target, mail }: Stage): Promise<void> => {
  await stack.stop();
  await Promise.all([target.stop(), mail.stop()]);
};

/** Applies the example company and gives each of its people a token. */
const introduce = async (
  { url, stateDir }: Stack,
  say: (line: string) => void,
): Promise<{ admin: Ask; voices: Map<string, Ask>; secret: string }> => {
  const admin = speaker(url, readFileSync(adminTokenFile(stateDir), 'utf8').trim());
  const files = globSync(join(root, 'examples', 'company', '*.yaml'))
    .toSorted()
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
  const { revision, changes } = await admin<{ revision: number; changes: unknown[] }>('POST', '/v1/catalogue', {
    files,
  });
  say(`the example company is applied: ${changes.length} documents, revision ${revision}`);
  const voices = new Map<string, Ask>();
  for (const person of people) {
    const { secret } = await admin<{ secret: string }>('POST', '/v1/tokens', {
      kind: 'personal',
      person,
      validFor: '1d',
    });
    voices.set(person, speaker(url, secret));
  }
  return { admin, voices, secret: readFileSync(join(stateDir, 'secrets', 'github-shop'), 'utf8') };
};

interface Telling {
  stage: Stage;
  admin: Ask;
  voices: Map<string, Ask>;
  secret: string;
  repository: string;
  sha: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Sends one delivery of GitHub and follows the plan that it becomes to its end. */
const tell = async ({ stage, admin, voices, secret, repository, sha, say, signal }: Telling): Promise<PlanView> => {
  const { body, headers } = githubDelivery(
    { deployment: randomInt(1_000_000, 2_000_000_000), sha, repository, environment: 'production' },
    secret,
  );
  const sent = await fetch(`${stage.stack.url}/v1/hooks/github/github-shop`, { method: 'POST', body, headers });
  if (!sent.ok) throw new Error(`the delivery was answered with ${sent.status}: ${await sent.text()}`);
  const { accepted } = (await sent.json()) as { accepted: string[] };
  say(`GitHub tells of ${sha.slice(0, 7)} in production: accepted as ${accepted[0]}`);
  const until = performance.now() + patienceMs;
  let shown = '';
  let id: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    if (performance.now() > until)
      throw new Error(`the plan ${id ?? ''} did not end within ${patienceMs / 1000} s: ${shown}`);
    if (id === undefined) {
      const { verdict } = await admin<{ verdict: { records?: string[] } | null }>('GET', `/v1/inbox/${accepted[0]}`);
      id = verdict?.records?.[0]?.replace('plan/', '');
      if (id !== undefined) say(`it is the operation plan ${id}`);
    } else {
      const plan = await voices.get('ana')!<PlanView>('GET', `/v1/operation-plans/${id}`);
      const state = stateOf(plan);
      if (state !== shown) say(state);
      shown = state;
      if (plan.record?.endedAt !== undefined) return plan;
      await playPeople(plan, voices, say);
    }
    await new Promise((done) => setTimeout(done, pollMs));
  }
};

const stateOf = ({ status, record }: PlanView): string => {
  const activities = record?.activities.map((activity) => `${activity.name} ${activity.status}`).join(', ');
  const verdict = record?.readiness ? `, ${record.readiness.verdict}` : '';
  return `plan: ${status}${verdict}${activities ? ` (${activities})` : ''}${record?.outcome ? `: ${record.outcome}` : ''}`;
};

/** The chain is sealed several times a second: waits until nothing is open. */
const verified = async (admin: Ask): Promise<{ ok: boolean; verified: number; unsealed: number }> => {
  for (let tries = 0; ; tries += 1) {
    const found = await admin<{ ok: boolean; verified: number; unsealed: number }>('GET', '/v1/audit/verification');
    if (!found.ok || found.unsealed === 0 || tries === 20) return found;
    await new Promise((done) => setTimeout(done, pollMs));
  }
};

const stayUp = async ({ stack }: Stage, signal: AbortSignal): Promise<void> => {
  console.log(
    `\nEvenkeel stays up: API ${stack.url}, its page ${stack.url}/docs, Temporal's UI ${stack.temporalUiUrl ?? 'is not there'}`,
  );
  console.log(`EVENKEEL_STATE_DIR=${stack.stateDir} npx evenkeel plan list\nCtrl-C stops it.`);
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
};
