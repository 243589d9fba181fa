const lookEveryMs = 500;

/**
 * Calls `end` once npm has ended whose script this is: the shell between the two keeps signals to itself, so this process would
 * go on alone. Started by anything else, it ends by signals alone.
 */
export const endWithNpm = (end: () => void): void => {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    // Whoever has lost its parent is given another one.
    if (process.ppid === parent) return;
    clearInterval(watch);
    end();
  }, lookEveryMs).unref();
};
