import { randomBytes } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { hasCode } from '../embedded/system-error.ts';
import { type Api, createApi } from './api.ts';
import { type MailSink, startMailSink } from './demo/mail.ts';
import { startTarget, type Target } from './demo/target.ts';
import { CommandFailure } from './failure.ts';
import { facts } from './print.ts';
import { adminTokenFile, secretsFolder } from './state.ts';

const root = join(import.meta.dirname, '..');
const targetPort = 7499;
const mailPort = 7425;

/** What the example company works with beside Evenkeel. */
export interface Surroundings {
  /** The service that the company deploys. */
  target: Target;
  /** Host and port of it. */
  targetAddress: string;
  /** The mail server to which its mails go. */
  mail: MailSink;
  stop(): Promise<void>;
}

/** Starts the target and the mail server, makes the secrets, and names all of them in the settings of this process. */
export async function startSurroundings(stateDir: string): Promise<Surroundings> {
  makeSecrets(secretsFolder(stateDir));
  const target = await listening(targetPort, startTarget);
  const mail = await listening(mailPort, startMailSink).catch(async (error: unknown) => {
    await target.stop();
    throw error;
  });
  const allowed = process.env['EVENKEEL_EGRESS_ALLOW'];
  Object.assign(process.env, {
    EVENKEEL_EGRESS_ALLOW: `${allowed ? `${allowed},` : ''}127.0.0.1:${targetPort}`,
    EVENKEEL_SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
    EVENKEEL_PROGRAMS_DIR: join(root, 'examples', 'programs'),
  });
  const stop = async (): Promise<void> => void (await Promise.all([target.stop(), mail.stop()]));
  return { target, targetAddress: `127.0.0.1:${targetPort}`, mail, stop };
}

const listening = async <Server>(port: number, start: (port: number) => Promise<Server>): Promise<Server> => {
  try {
    return await start(port);
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error;
    throw new CommandFailure(1, `The example company needs port ${port}, which is in use: stop what listens there`);
  }
};

/** Values that are there already stay. */
const makeSecrets = (folder: string): void => {
  // A mode is given to every folder that is made, and PostgreSQL enters the state folder as another user.
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, value] of Object.entries(secretValues())) {
    try {
      writeFileSync(join(folder, name), value, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
};

const secretValues = (): Record<string, string> => ({
  'github-shop': randomBytes(24).toString('hex'),
  'alertmanager-shop': randomBytes(24).toString('hex'),
  'backup-shop': randomBytes(24).toString('hex'),
  'pipeline-shop': randomBytes(24).toString('hex'),
  'shop-events': `whsec_${randomBytes(32).toString('base64')}`,
});

/** What `evenkeel apply` answers. */
interface Applied {
  revision: number;
  changes: unknown[];
}

/** Applies `examples/company` with the admin token of the state folder. */
export async function applyExample({
  url,
  stateDir,
}: {
  url: string;
  stateDir: string;
}): Promise<Applied & { admin: Api }> {
  const admin = createApi({ url, token: readFileSync(adminTokenFile(stateDir), 'utf8').trim() });
  const files = globSync(join(root, 'examples', 'company', '*.yaml'))
    .toSorted()
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
  return { admin, ...(await admin.command<Applied>('/v1/catalogue', { files })) };
}

/** What is ready, and the commands of a tour that ends in a completed plan. */
export const exampleText = ({ revision }: Applied, setting?: string): string =>
  [
    'The example company is ready',
    facts([
      ['catalogue', `examples/company, revision ${revision}`],
      ['target', `http://127.0.0.1:${targetPort} plays its services`],
      ['mail', `a server on port ${mailPort} takes every mail and drops it`],
    ]),
    'Try it in another terminal:',
    ...[...(setting === undefined ? [] : [['This is not the usual state folder', setting]]), ...tour].flatMap(
      ([why, ...commands]) => [`  # ${why}`, ...commands.map((command) => `  ${command}`)],
    ),
  ].join('\n');

/** README.md walks through the same commands. */
const tour = [
  [
    'Each of them needs a token',
    'PIPELINE=$(npx evenkeel token create --service shop-pipeline --team shop)',
    'ANA=$(npx evenkeel token create --person ana)',
    'BEN=$(npx evenkeel token create --person ben)',
    'CID=$(npx evenkeel token create --person cid)',
  ],
  [
    'The pipeline reports a deployment, and the answer names its plan',
    'EVENKEEL_TOKEN=$PIPELINE npx evenkeel deployment send checkout production pkg:oci/checkout@4f1c2aa --key release-4f1c2aa',
    'EVENKEEL_TOKEN=$ANA npx evenkeel plan show <plan>',
  ],
  [
    'Ana names who promotes it, and Cid accepts',
    'EVENKEEL_TOKEN=$ANA npx evenkeel plan assign <plan> promote.shop.responder.1 cid --reason "Cid built it"',
    'EVENKEEL_TOKEN=$CID npx evenkeel plan accept <plan> promote.shop.responder.1',
  ],
  [
    'Ben approves',
    'EVENKEEL_TOKEN=$BEN npx evenkeel approval list --status open',
    'EVENKEEL_TOKEN=$BEN npx evenkeel approval approve <approval> --reason "The checks look good"',
  ],
  [
    'Cid hands it over, and the plan is completed',
    'EVENKEEL_TOKEN=$CID npx evenkeel task list --status open',
    'EVENKEEL_TOKEN=$CID npx evenkeel task complete <task> --set toldWhom=support --set dashboardChecked=yes',
    'EVENKEEL_TOKEN=$ANA npx evenkeel plan watch <plan>',
  ],
];
