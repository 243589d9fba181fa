import type { CommandState } from '../api/commands.ts';
import { type Api, createApi, findConnection, type Query } from './api.ts';
import { asJson, note, say } from './print.ts';

/** One run of the program: its door to the API, how it speaks, and the code that the shell will see. */
export interface Session {
  readonly api: Api;
  readonly isJson: boolean;
  exitCode: number;
  /** Prints what the API said: whole for a program, as text for a person. */
  show<T>(said: T, text: (said: T) => string): void;
  /** Gets one thing and prints it; what it is, `text` says. */
  get(path: string, text: (said: never) => string): Promise<void>;
  /** Gets a page and prints it; says on stderr how to go on. */
  list(path: string, query: Query, text: (items: never) => string): Promise<void>;
  /** Prints what became of a command. */
  receipt(said: CommandState, done: string): void;
}

/** `wantsJson` is asked late, since options are read after the verbs are made. */
export function createSession(wantsJson: () => boolean): Session {
  let api: Api | undefined;
  return {
    // Verbs such as `doctor` work without an API.
    get api() {
      return (api ??= createApi(findConnection()));
    },
    get isJson() {
      return wantsJson();
    },
    exitCode: 0,
    show(said, text) {
      say(wantsJson() ? asJson(said) : text(said));
    },
    async get(path, text) {
      this.show(await this.api.get<never>(path), text);
    },
    async list(path, query, text) {
      const page = await this.api.get<{ items: never; next?: string }>(path, query);
      this.show(page, ({ items }) => text(items));
      if (!wantsJson() && page.next !== undefined) note(`There may be more: continue with --after ${page.next}`);
    },
    receipt(said, done) {
      this.show(said, ({ state, command }) =>
        state === 'applied'
          ? done
          : `recorded; a worker will apply it as soon as one is available (evenkeel inbox show ${command})`,
      );
    },
  };
}
