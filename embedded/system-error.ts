/** Whether the system refused with this code, such as `ENOENT`. */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** The last lines of what a program that failed had printed; the error itself if it printed nothing. */
export function lastWordsOf(error: unknown, count = 8): string {
  const printed = (stream: 'stdout' | 'stderr'): string => {
    const text: unknown = error instanceof Error ? Reflect.get(error, stream) : undefined;
    return typeof text === 'string' ? text : '';
  };
  const words = `${printed('stdout')}${printed('stderr')}`.trim();
  return words === '' ? String(error) : words.split('\n').slice(-count).join('\n');
}
