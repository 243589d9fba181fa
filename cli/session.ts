import { type Api, createApi, findConnection, type Said } from './api.ts';
import { asJson, note, say } from './print.ts';

/** What the API answers to a command: applied, or kept until a worker is there. */
export interface Receipt {
  command: string;
  state: 'applied' | 'recorded';
}

/** One run of the program: its door to the API, how it speaks, and the code that the shell will see. */
export interface Session {
  readonly api: Api;
  readonly isJson: boolean;
  exitCode: number;
  /** Prints what the API said: whole for a program, as text for a person. */
  show<T>(said: T, text: (said: T) => string): void;
  /** Prints what became of a command. */
  receipt(said: Said<Receipt>, done: string): void;
}

/** `wantsJson` is asked late, since options are read after the verbs are made. */
export function createSession(wantsJson: () => boolean): Session {
  let api: Api | undefined;
  const show = <T>(said: T, text: (said: T) => string): void => say(wantsJson() ? asJson(said) : text(said));
  return {
    // Verbs such as `doctor` work without an API.
    get api() {
      return (api ??= createApi(findConnection()));
    },
    get isJson() {
      return wantsJson();
    },
    exitCode: 0,
    show,
    receipt: ({ body }, done) =>
      show(body, ({ state, command }) =>
        state === 'applied'
          ? done
          : `recorded; it is applied as soon as a worker is there (evenkeel inbox show ${command})`,
      ),
  };
}

/** Prints a page and says on stderr how to go on. */
export function showPage<T>(
  session: Session,
  page: { items: readonly T[]; next?: string },
  text: (items: readonly T[]) => string,
): void {
  session.show(page, ({ items }) => text(items));
  if (!session.isJson && page.next !== undefined) note(`There may be more: --after ${page.next}`);
}
