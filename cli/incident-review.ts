import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandState } from '../api/commands.ts';
import type { ShownReview } from '../api/routes/incident/review.ts';
import { route } from './api.ts';
import { CommandFailure } from './failure.ts';
import { textOfFile } from './file.ts';
import { note, plainLines } from './print.ts';
import type { Session } from './session.ts';

/** Opens the review in the editor of the person and takes it back; from a file, or for reading, without one. */
export async function review(
  session: Session,
  number: string,
  { file, print }: { file?: string; print?: boolean },
): Promise<void> {
  const path = route`/v1/incidents/${number}/review`;
  const send = async (markdown: string): Promise<void> =>
    session.receipt(
      await session.api.command<CommandState>(path, { markdown }),
      `The review of incident ${number} is written`,
    );
  if (file !== undefined) return send(textOfFile(file));
  const { markdown } = await session.api.get<ShownReview>(path);
  if (print) return session.show({ markdown }, () => plainLines(markdown.trimEnd()));
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-review-'));
  const draft = join(folder, `incident-${number}.md`);
  writeFileSync(draft, markdown, { mode: 0o600 });
  edit(draft);
  const edited = readFileSync(draft, 'utf8');
  if (edited === markdown) {
    rmSync(folder, { recursive: true });
    return note('Nothing was changed.');
  }
  try {
    await send(edited);
  } catch (error) {
    // What somebody wrote is not lost with a mistake in it.
    note(`Your text is kept in ${draft}: mend it, then: evenkeel incident review ${number} --file ${draft}`);
    throw error;
  }
  rmSync(folder, { recursive: true });
}

const edit = (file: string): void => {
  const [editor = 'vi', ...options] = (process.env['VISUAL'] || process.env['EDITOR'] || 'vi').split(' ');
  const { status, error } = spawnSync(editor, [...options, file], { stdio: 'inherit' });
  if (error)
    throw new CommandFailure(1, `the editor ${editor} could not be started: set EDITOR, or use --print and --file`);
  if (status !== 0) throw new CommandFailure(1, `the editor ended with ${status}: nothing was sent`);
};
