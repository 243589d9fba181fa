import { access, constants, open } from 'node:fs/promises';

/** Why a file that is there could not be started, in words: what the system says of it is the same for many causes. */
export async function whyNotStarted(path: string, { code, message }: NodeJS.ErrnoException): Promise<string> {
  switch (code ?? 'unknown') {
    case 'ENOENT':
      return missingPart(path);
    case 'EACCES': {
      const interpreter = await interpreterOf(path);
      return interpreter === undefined
        ? 'the system does not let it be run: it is no program, or its file system is mounted with noexec'
        : `its interpreter ${shown(interpreter)} is no program that may be run`;
    }
    case 'ENOEXEC':
      return 'it is no program for this machine';
    case 'E2BIG':
      return 'its arguments are too long';
    case 'ETXTBSY':
      return 'somebody is writing to it';
    case 'ELOOP':
      return 'its interpreter leads back to itself';
    default:
      return message;
  }
}

/** The file is there, so it is something that the file names. */
const missingPart = async (path: string): Promise<string> => {
  if (!(await may(path, constants.F_OK))) return 'it is not there any more';
  return (await missingInterpreter(path)) ?? 'the loader that it names is not there: it was made for another system';
};

/** What is wrong with the interpreter of a script, if it names one. */
export async function missingInterpreter(path: string): Promise<string | undefined> {
  const interpreter = await interpreterOf(path);
  if (interpreter === undefined || (await may(interpreter, constants.X_OK))) return undefined;
  const hint = interpreter.endsWith('\r') ? ' (it has Windows line ends: save it with Unix line ends)' : '';
  return `its interpreter ${shown(interpreter)} is not there${hint}`;
}

const may = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/** The program that a script names in its first line, after `#!`. */
const interpreterOf = async (path: string): Promise<string | undefined> => {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(256) });
    return /^#![ \t]*([^ \t\n]+)/.exec(buffer.toString('utf8', 0, bytesRead))?.[1];
  } catch {
    return undefined;
  }
};

/** Characters that nobody sees are written out. */
const shown = (text: string): string => JSON.stringify(text).slice(1, -1);
