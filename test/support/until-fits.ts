/** The record of something as soon as it is as the story wants it; the story fails with how it stands after 20 seconds. */
export const untilFits = async <State>(
  what: string,
  now: () => Promise<State | undefined>,
  fits: (state: State) => boolean,
): Promise<State> => {
  for (const end = Date.now() + 20_000; ;) {
    const state = await now();
    if (state !== undefined && fits(state)) return state;
    if (Date.now() > end)
      throw new Error(`${what} is not as expected: ${JSON.stringify(state, null, 1)?.slice(0, 4_000)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
};
