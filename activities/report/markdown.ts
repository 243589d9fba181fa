/** Text from outside stands in tables and lists as text. */
export const plain = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/([|`*_<>[\]\\])/g, '\\$1');

export const list = (lines: readonly string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${line}`).join('\n');

/** How long something took, in seconds. */
export const took = (from: string | undefined, to: string | undefined): string =>
  from === undefined || to === undefined ? '-' : `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
