/** Text from outside stands in tables and lists as text. */
export const plain = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/([|`*_<>[\]\\])/g, '\\$1');

/** Lines from outside as they are, in a fence that is longer than any of theirs. */
export const block = (text: string, indent = ''): string => {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`.replaceAll(/^/gm, indent);
};

export const list = (lines: readonly string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${line}`).join('\n');

/** How long something took, in seconds. */
export const took = (from: string | undefined, to: string | undefined): string =>
  from === undefined || to === undefined ? '-' : `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
