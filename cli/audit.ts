import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { CheckpointList, Verification } from '../api/routes/audit.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { route } from './api.ts';
import type { Checked } from './audit/check.ts';
import { textOfFile } from './file.ts';
import { CommandFailure } from './failure.ts';
import { note, plain, say, table, textIn, when } from './print.ts';
import type { Session } from './session.ts';

/** `evenkeel audit`: who did what, when and why, and the proof that nobody changed it afterwards. */
export function addAudit(program: Command, session: Session): void {
  const audit = program.command('audit').description('audit trail: who did what, when and why, with proof');

  audit
    .command('verify')
    .description('recomputes the whole ledger and its checkpoints; exit code 1 if anything does not match')
    .option('--checkpoints <file>', 'checkpoints that were shipped elsewhere: the ledger must contain each of them')
    .action(async ({ checkpoints }: { checkpoints?: string }) => {
      const said = await session.api.get<Verification>('/v1/audit/verification');
      const missing = checkpoints === undefined ? [] : await missingOf(checkpoints, session);
      session.show({ ...said, missing }, verificationText);
      if (!said.ok || missing.length > 0) session.exitCode = 1;
    });

  audit
    .command('show')
    .argument('<record>', recordArgument)
    .description('shows who did what to a plan or an incident, when and why')
    .action((record: string) => session.list(`${pathOf(record)}/audit`, {}, entriesText));

  audit
    .command('export')
    .description('writes one file for an auditor: decisions, evidence, effects, ledger with proof, histories')
    .argument('<record>', recordArgument)
    .option('--output <file>', 'where to write it (default: <ID>.json in this folder); - is stdout')
    .action(async (record: string, { output }: { output?: string }) => {
      const text = await session.api.text(`${pathOf(record)}/export`);
      if (output === '-') return say(text);
      const path = output ?? `${record.replace(/^plan\//, '').replaceAll(/[/\\]/g, '_')}.json`;
      writePrivately(path, `${text}\n`);
      session.show({ record, path }, () => path);
    });

  audit
    .command('check')
    .argument('<file>', 'a file that audit export wrote')
    .description('checks an export without a server: links, checkpoints, histories, and each part against the ledger')
    .option('--key-id <id>', 'the key that must have signed it')
    .option('--strict', 'also fails if anything is not proven')
    .action(async (file: string, { keyId, strict }: { keyId?: string; strict?: true }) => {
      const { checkExport } = await import('./audit/check.ts');
      const checked = checkExport(readExport(file), keyId);
      session.show(checked, checkedText);
      for (const problem of checked.problems) note(plain(problem));
      const isLoose = strict === true && checked.unbound.length > 0;
      if (isLoose) note(`not proven, and --strict requires proof: ${checked.unbound.map(plain).join('; ')}`);
      if (checked.problems.length > 0 || isLoose) session.exitCode = 1;
    });
}

type ShownEntry = LedgerEntry & { sequence: number | null; hash: string | null };

const recordArgument = 'plan/ID, incident/NUMBER, or the id or number alone';

const pathOf = (record: string): string => {
  const [, number] = /^(?:incident\/)?(\d+)$/.exec(record) ?? [];
  return number === undefined
    ? route`/v1/operation-plans/${record.replace(/^plan\//, '')}`
    : route`/v1/incidents/${number}`;
};

/** For its owner's eyes, and never half written. */
const writePrivately = (path: string, text: string): void => {
  const part = `${path}.part-${process.pid}`;
  try {
    writeFileSync(part, text, { mode: 0o600, flag: 'wx' });
    renameSync(part, path);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new CommandFailure(2, `${path} cannot be written`, { cause });
  }
};

const readExport = (file: string): unknown => {
  const text = textOfFile(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CommandFailure(1, `${file} is not JSON`, { cause });
  }
};

type ShownVerification = Verification & { missing: string[] };

const verificationText = ({ verified, checkpoints, unsealed, firstBad, missing }: ShownVerification): string => {
  const counts = `verified ${verified} links, ${checkpoints} checkpoints, ${unsealed} not sealed yet`;
  const wrong = [
    ...(firstBad
      ? [
          `link ${firstBad.sequence}${firstBad.entry === undefined ? '' : ` (${plain(firstBad.entry)})`}: ${firstBad.reason}`,
        ]
      : []),
    ...missing,
  ];
  return [...wrong.map((text) => `NOT verified: ${text}`), counts].join('\n');
};

/** Checkpoints of a file that the ledger does not have as they were shipped. */
const missingOf = async (file: string, session: Session): Promise<string[]> => {
  const { items } = await session.api.get<CheckpointList>('/v1/audit/checkpoints');
  const signatures = new Set(items.map(({ signature }) => signature));
  return textOfFile(file)
    .split('\n')
    .flatMap((line, at) => {
      if (line.trim() === '') return [];
      const { signature, sequence } = shippedIn(line, `${file}:${at + 1}`);
      return signatures.has(signature) ? [] : [`checkpoint ${sequence} of ${file} is not in the ledger any more`];
    });
};

const shippedIn = (line: string, place: string): CheckpointList['items'][number] => {
  try {
    return JSON.parse(line) as CheckpointList['items'][number];
  } catch (cause) {
    throw new CommandFailure(1, `${place} is not a checkpoint`, { cause });
  }
};

const entriesText = (entries: readonly ShownEntry[]): string =>
  table(
    ['link', 'when', 'who', 'what', 'subject', 'why'],
    entries.map(({ sequence, at, actor, action, subject, reason, detail }) => [
      sequence === null ? '-' : String(sequence),
      when(at),
      plain(actor.type === 'service' ? `service ${actor.name}` : actor.name),
      plain([action, whatOf(detail)].filter((text) => text !== '').join(' ')),
      plain(subject),
      plain([reason ?? '', textIn(detail, 'refusal'), ...answersIn(detail)].filter((text) => text !== '').join('; ')),
    ]),
    'nothing yet',
  );

/** The step, activity, seat or command that an entry is about. */
const whatOf = (detail: LedgerEntry['detail']): string =>
  ['step', 'activity', 'seat', 'name'].map((field) => textIn(detail, field)).find((text) => text !== '') ?? '';

/** What somebody wrote into the form of a task. */
const answersIn = (detail: LedgerEntry['detail']): string[] => {
  const answers: unknown = detail?.['answers'];
  return typeof answers === 'object' && answers !== null
    ? Object.entries(answers).map(([field, answer]) => `${field}=${String(answer)}`)
    : [];
};

const checkedText = (checked: Checked): string => {
  const { entries, unsealed, anchored, checkpoints, histories, keyId, bound, unbound, problems } = checked;
  return [
    problems.length === 0 ? 'The export fits' : 'The export does NOT fit',
    `  ${entries} entries fit their links, ${unsealed} were not sealed yet`,
    `  ${checkpoints} checkpoints signed by the key ${keyId}; ${anchored} of the entries stand under one`,
    `  ${histories} histories with their digests`,
    `  ${bound.length === 0 ? 'nothing in it is proven by the ledger yet' : `as the ledger has it: ${bound.join(', ')}`}`,
    ...unbound.map((text) => `  not proven: ${plain(text)}`),
    'Whether the key is the right one, and that no entry is left out, says the ledger itself: evenkeel audit verify',
  ].join('\n');
};
